// The house rules that a tool can check. `npm run lint` fails on any warning; test/house/lint.test.ts proves that the
// rules below really fire. Which layer may import which stands in layers.js.
import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import jsdoc from "eslint-plugin-jsdoc";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { commandLine, layers } from "./layers.js";

const importDirection = {
  default: "disallow",
  checkAllOrigins: true,
  checkUnknownLocals: true,
  message:
    "{{from.file.categories}} must not import {{dependency.source}}, or it is not there: " +
    "layers.js has the direction of imports.",
  policies: [
    ...layers.map(({ layer, imports }) => ({
      from: { file: { categories: layer } },
      allow: { to: { file: { categories: { anyOf: [layer, ...imports] } } } },
    })),
    { from: { file: { categories: ["platform", "workers"] } }, allow: { to: { module: { origin: "core" } } } },
    // package.json maps it to src/engine/platform/node.ts or web.ts.
    { from: { file: { categories: "runtime" } }, allow: { dependency: { source: "#platform" } } },
    {
      from: { file: { categories: { anyOf: commandLine } } },
      allow: { to: { module: { origin: ["core", "external"] } } },
    },
  ],
};

// Exactly rounded by the standard, so equal on every engine and processor. All others (exp, log, pow, sin, cos, tanh,
// hypot, cbrt, random, …) differ between engines: assembly/math has our own.
const exactMath = ["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"];
const mathConstants = ["E", "LN2", "PI", "SQRT2"];

const sameBitsEverywhere = {
  "no-restricted-properties": [
    "error",
    { object: "Math", allowProperties: [...exactMath, ...mathConstants], message: "Its bits differ between engines." },
    { object: "globalThis", property: "Math", message: "Write Math.name, so that this rule can see the name." },
    { object: "globalThis", property: "process", message: "The library runs outside Node too." },
    { object: "globalThis", property: "Buffer", message: "The library runs outside Node too." },
  ],
};

const inexactPower = [
  { selector: "BinaryExpression[operator='**']", message: "** is not exactly rounded: multiply." },
  { selector: "AssignmentExpression[operator='**=']", message: "**= is not exactly rounded: multiply." },
  {
    selector: ":not(MemberExpression) > Identifier[name='Math'], MemberExpression > Identifier.property[name='Math']",
    message: "Write Math.name, so that no-restricted-properties can see the name.",
  },
  {
    selector: "MemberExpression[object.name='Math'][computed=true]",
    message: "Write Math.name, so that no-restricted-properties can see the name.",
  },
];

const noHiddenImports = [
  { selector: "ImportExpression:not([source.type='Literal'])", message: "Import by a literal path." },
  { selector: "TSImportType", message: "Import the type at the top, where the direction of imports is checked." },
];

const nothingAtImport = [
  { selector: "Program > ExpressionStatement", message: "No work at import time." },
  {
    selector:
      "Program > VariableDeclaration[kind!='const'], ExportNamedDeclaration > VariableDeclaration[kind!='const']",
    message: "No module-level mutable state.",
  },
  { selector: "AwaitExpression:not(:function AwaitExpression)", message: "No top-level await." },
];

const nodeGlobals = ["process", "Buffer", "global", "require", "module", "__dirname", "__filename", "setImmediate"].map(
  (name) => ({ name, message: "The library runs outside Node too." }),
);

// An operation's record (`export const reluOp: OpDefinition = …`) needs no comment: its function says what it computes.
const exportedConstants =
  "ExportNamedDeclaration > VariableDeclaration" +
  ":not([declarations.0.id.typeAnnotation.typeAnnotation.typeName.name='OpDefinition'])";

const documentedExports = {
  "jsdoc/require-jsdoc": [
    "error",
    {
      publicOnly: true,
      enableFixer: false,
      require: { FunctionDeclaration: true, ClassDeclaration: true },
      contexts: ["TSInterfaceDeclaration", "TSTypeAliasDeclaration", exportedConstants],
    },
  ],
  // The sentence says what shapes go in and out; TypeScript already says which parameters there are.
  "jsdoc/require-param": "off",
  "jsdoc/require-returns": "off",
  "jsdoc/require-throws-type": "off",
  "jsdoc/require-yields": "off",
  "jsdoc/require-property": "off",
  "jsdoc/tag-lines": "off",
  // A short comment may end in "@throws ShapeError …" on its only line; TypeDoc reads it as a block tag there too.
  "jsdoc/escape-inline-tags": "off",
};

const smallPieces = {
  complexity: ["error", 15],
  "max-depth": ["error", 4],
  "max-lines": ["error", 400],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
};

const typescriptStyle = {
  // There are no enums: erasableSyntaxOnly refuses them. Looking for them takes a tenth of the time of all rules.
  "@typescript-eslint/no-unsafe-enum-assignment": "off",
  "@typescript-eslint/no-unsafe-enum-comparison": "off",
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/explicit-module-boundary-types": "error",
  // An element whose index a loop has just bounded is there; a check in the inner loop would only hide that.
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // Callers in plain JavaScript pass what the types forbid, and arguments are checked for that.
  "@typescript-eslint/no-unnecessary-condition": "off",
  "@typescript-eslint/no-unnecessary-type-conversion": "off",
  // isolatedDeclarations wants the types written out on what is exported.
  "@typescript-eslint/no-inferrable-types": "off",
  "@typescript-eslint/consistent-generic-constructors": "off",
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
  "@typescript-eslint/prefer-for-of": "off",
  eqeqeq: ["error", "always"],
  "no-var": "error",
  "prefer-const": "error",
};

// What is linted as a program. AssemblyScript is none to a TypeScript parser: it is text here, as documents are.
const programs = { files: ["**/*.js", "**/*.mjs", "**/*.ts"], ignores: ["assembly/**/*.ts"] };
const texts = ["assembly/**/*.ts", "**/*.md"];

const width = { code: 120, ignoreUrls: true };

/** Reads any text as a program without statements, for rules that look at lines alone. */
const textParser = {
  meta: { name: "text", version: "1" },
  parseForESLint(text) {
    const lines = text.split("\n");
    const loc = { start: { line: 1, column: 0 }, end: { line: lines.length, column: lines.at(-1).length } };
    const program = { type: "Program", sourceType: "module", body: [], tokens: [], comments: [] };
    return { ast: { ...program, range: [0, text.length], loc }, visitorKeys: { Program: ["body"] } };
  },
};

export default defineConfig(
  globalIgnores(["dist/", "docs/api/", "runs/", "coverage/", "src/engine/runtime/*.generated.ts"]),
  {
    ...programs,
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...typescriptStyle, "max-len": ["error", width] },
  },
  {
    // Prettier pads the cells of a table to the widest: a row may be as wide as it has to be.
    files: texts,
    languageOptions: { parser: textParser },
    rules: { "max-len": ["error", { ...width, ignorePattern: "^\\s*\\|" }] },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    rules: { "@typescript-eslint/explicit-module-boundary-types": "off" },
  },
  {
    files: ["src/**/*.ts"],
    extends: [jsdoc.configs["flat/recommended-typescript-error"]],
    plugins: { boundaries },
    settings: {
      "boundaries/files": layers.map(({ layer, files }) => ({ category: layer, pattern: files })),
      "boundaries/files-single-match": true,
      "boundaries/legacy-warnings": false,
    },
    rules: {
      "boundaries/dependencies": ["error", importDirection],
      "boundaries/no-unknown-files": "error",
      "no-console": "error",
      "no-restricted-globals": ["error", ...nodeGlobals],
      "no-restricted-syntax": ["error", ...inexactPower, ...noHiddenImports, ...nothingAtImport],
      ...sameBitsEverywhere,
      ...documentedExports,
      ...smallPieces,
    },
  },
  {
    files: ["src/cli/**/*.ts", "src/engine/platform/**/*.ts"],
    rules: {
      "no-console": "off",
      "no-restricted-globals": "off",
      "no-restricted-syntax": ["error", ...inexactPower, ...noHiddenImports],
    },
  },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "max-lines": ["error", 400],
      // Kernels are called as table[name], and a name of a test may hold any value.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
    },
  },
);
