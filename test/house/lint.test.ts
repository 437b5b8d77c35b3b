import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { root } from "../support/packed-package.ts";

// Rules that need types need a file that exists; those proved here do not, and without types ESLint is fast.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked }],
});

/** The rules this text breaks as a file at this path. */
async function brokenRules(path: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path });
  expect(result!.fatalErrorCount).toBe(0);
  return result!.messages.map(({ ruleId }) => ruleId ?? "no rule");
}

describe("numbers that differ between engines", () => {
  const rules = ["no-restricted-properties", "no-restricted-syntax"];

  it.each([
    "Math.exp(x)",
    "Math.pow(x, 2)",
    "Math.random()",
    "Math.hypot(x, x)",
    'Math["tanh"](x)',
    "Math[name](x)",
    "globalThis.Math.log(x)",
    "x ** 2",
    "(Math).sin(x)",
    "Math?.cos(x)",
  ])("src must not compute %s", async (expression) => {
    const signature = '/** Doc. */\nexport function f(x: number, name: "abs"): number';
    const text = `${signature} {\n  return ${expression} + Number(name);\n}\n`;
    const broken = await brokenRules("src/engine/optim/example.ts", text);
    expect(broken.filter((rule) => rules.includes(rule))).not.toEqual([]);
  });

  it.each(["const { exp } = Math;", "const m = Math;", "x **= 2;"])("src must not hide it: %s", async (statement) => {
    const text = `/** Doc. */\nexport function f(x: number): number {\n  ${statement}\n  return x;\n}\n`;
    const broken = await brokenRules("src/cli/example.ts", text);
    expect(broken.filter((rule) => rules.includes(rule))).not.toEqual([]);
  });

  it("src may use what is exactly rounded, and tests may use anything", async () => {
    const exact =
      "Math.sqrt(x) + Math.floor(x) + Math.abs(x) * Math.max(x, 1) - Math.min(x, 2) / Math.fround(x) + Math.PI";
    const text = `/** Doc. */\nexport function f(x: number): number {\n  return ${exact};\n}\n`;
    expect(await brokenRules("src/engine/optim/example.ts", text)).toEqual([]);
    expect(await brokenRules("test/example.ts", text.replace(exact, "Math.exp(x) ** 2"))).toEqual([]);
  });
});

describe("direction of imports", () => {
  // A file that exists in each layer; the plugin resolves what is imported.
  const layers = {
    leaf: "engine/errors.ts",
    random: "engine/random/philox.ts",
    runtime: "engine/runtime/kernels.ts",
    graph: "engine/graph/graph.ts",
    program: "engine/program/program.ts",
    lowering: "engine/lowering/reduce.ts",
    ops: "engine/ops/mat-mul.ts",
    compile: "engine/compile/compile-program.ts",
    session: "engine/session/session.ts",
    nn: "engine/nn/index.ts",
    optim: "engine/optim/index.ts",
    gan: "gan/gan.ts",
    data: "data/digits.ts",
    formats: "formats/safetensors.ts",
    train: "gan/train/trainer.ts",
    public: "index.ts",
    cli: "cli/main.ts",
    "cli-terminal": "cli/terminal/results.ts",
    "cli-files": "cli/files/atomic-file.ts",
    "cli-data": "cli/data/source.ts",
    "cli-run": "cli/run/folder.ts",
    "cli-wide": "cli/wide/registers.ts",
    "cli-measure": "cli/measure/trial.ts",
    "cli-train": "cli/train/command.ts",
    "cli-sample": "cli/sample/command.ts",
    "cli-bench": "cli/bench/command.ts",
  };
  type Layer = keyof typeof layers;

  const leaves: Layer[] = ["leaf", "random"];
  const programs: Layer[] = [...leaves, "runtime", "graph", "program"];
  const compiler: Layer[] = [...programs, "lowering", "ops", "compile"];
  const engine: Layer[] = [...compiler, "session", "nn", "optim"];
  const training: Layer[] = [...engine, "gan", "data", "formats"];
  const library: Layer[] = [...training, "train", "public"];
  const commandBase: Layer[] = ["cli-terminal", "cli-files"];
  const commandParts: Layer[] = [...commandBase, "cli-data", "cli-run", "cli-wide", "cli-measure"];
  const commands: Layer[] = ["cli-train", "cli-sample", "cli-bench"];
  const allowed: [from: string, layer: Layer, imports: Layer[]][] = [
    ["engine/example.ts", "leaf", leaves],
    ["engine/random/example.ts", "random", leaves],
    ["engine/runtime/example.ts", "runtime", [...leaves, "runtime"]],
    ["engine/graph/example.ts", "graph", [...leaves, "graph"]],
    ["data/deep/example.ts", "data", [...leaves, "data"]],
    ["formats/example.ts", "formats", [...leaves, "formats"]],
    ["engine/program/example.ts", "program", programs],
    ["engine/lowering/product/example.ts", "lowering", [...programs, "lowering"]],
    ["engine/ops/example.ts", "ops", [...leaves, "graph", "program", "lowering", "ops"]],
    ["engine/compile/rewrites/example.ts", "compile", compiler],
    ["engine/session/example.ts", "session", [...compiler, "session"]],
    ["engine/nn/example.ts", "nn", [...leaves, "graph", "ops", "nn"]],
    ["engine/optim/example.ts", "optim", [...leaves, "graph", "program", "optim"]],
    ["gan/example.ts", "gan", [...engine, "gan"]],
    ["gan/train/example.ts", "train", [...training, "train"]],
    ["cli/example.ts", "cli", [...library, "cli", ...commandParts, ...commands]],
    ["cli/terminal/example.ts", "cli-terminal", [...library, "cli-terminal"]],
    ["cli/files/example.ts", "cli-files", [...library, "cli-files"]],
    ["cli/data/example.ts", "cli-data", [...library, ...commandBase, "cli-data"]],
    ["cli/run/example.ts", "cli-run", [...library, ...commandBase, "cli-run"]],
    ["cli/wide/example.ts", "cli-wide", [...library, ...commandBase, "cli-wide"]],
    ["cli/measure/example.ts", "cli-measure", [...library, "cli-run", "cli-wide", "cli-measure"]],
    ["cli/train/example.ts", "cli-train", [...library, ...commandParts, "cli-train"]],
    ["cli/sample/example.ts", "cli-sample", [...library, ...commandParts, "cli-sample"]],
    ["cli/bench/example.ts", "cli-bench", [...library, ...commandParts, "cli-bench"]],
  ];

  it.each(allowed)("src/%s imports only what its layer may", async (from, _, imports) => {
    const up = "../".repeat(from.split("/").length - 1) || "./";
    const names = Object.keys(layers) as Layer[];
    const lines = names.map((layer) => `export * from "${up}${layers[layer]}";\n`);
    const [result] = await eslint.lintText(lines.join(""), { filePath: `src/${from}` });
    expect(result!.messages.every(({ ruleId }) => ruleId === "boundaries/dependencies")).toBe(true);
    const refused = new Set(result!.messages.map(({ line }) => names[line - 1]!));
    expect(names.filter((layer) => !refused.has(layer))).toEqual(names.filter((layer) => imports.includes(layer)));
  });

  it.each([
    ["a type", 'import type { Gan } from "../../gan/gan.ts";\nexport type { Gan };\n'],
    ["a default", 'import gan from "../../gan/gan.ts";\nvoid gan;\n'],
    ["a dynamic import", 'void import("../../gan/gan.ts");\n'],
    ["a file outside src", 'export * from "../../../test/support/packed-package.ts";\n'],
    ["a file that is not there", 'export * from "./not-there.ts";\n'],
  ])("holds for %s", async (_, text) => {
    expect(await brokenRules("src/engine/graph/example.ts", text)).toContain("boundaries/dependencies");
  });

  it("cannot be evaded by an import that is computed or hidden in a type", async () => {
    const computed = "/** Doc. */\nexport const load = (path: string): Promise<unknown> => import(path);\n";
    expect(await brokenRules("src/engine/graph/example.ts", computed)).toEqual(["no-restricted-syntax"]);
    const type = '/** Doc. */\nexport type Hidden = import("../../gan/gan.ts").Gan;\n';
    expect(await brokenRules("src/engine/graph/example.ts", type)).toContain("no-restricted-syntax");
  });

  it("lets the runtime alone ask for the platform, and its workers run the runtime", async () => {
    const text = 'export * from "#platform";\n';
    expect(await brokenRules("src/engine/runtime/threads/example.ts", text)).toEqual([]);
    for (const folder of ["engine/graph", "engine/session", "gan", "data"]) {
      expect(await brokenRules(`src/${folder}/example.ts`, text)).toEqual(["boundaries/dependencies"]);
    }
    const loop = 'export * from "../runtime/threads/worker-loop.ts";\n';
    expect(await brokenRules("src/engine/platform/example-worker.ts", loop)).toEqual([]);
    expect(await brokenRules("src/engine/platform/example.ts", loop)).toEqual(["boundaries/dependencies"]);
  });

  it("asks for a layer for every folder of src", async () => {
    for (const folder of ["helpers", "engine/helpers", "cli/helpers"]) {
      expect(await brokenRules(`src/${folder}/example.ts`, "export {};\n")).toEqual(["boundaries/no-unknown-files"]);
    }
  });

  it.each(["node:fs", "fs", "fast-png", "commander", "log-update"])("keeps %s out of the library", async (name) => {
    const text = `import * as foreign from "${name}";\nexport { foreign };\n`;
    for (const folder of ["engine/graph", "engine/runtime", "data", "formats", "gan/train", "gan"]) {
      expect(await brokenRules(`src/${folder}/example.ts`, text)).toEqual(["boundaries/dependencies"]);
    }
    for (const folder of ["", "terminal/", "files/", "data/", "run/", "wide/", "measure/", "train/"]) {
      expect(await brokenRules(`src/cli/${folder}example.ts`, text)).toEqual([]);
    }
  });
});

describe("what runs everywhere and does nothing at import", () => {
  it.each([
    ["process.exit(1)", "no-restricted-globals"],
    ["Buffer.from([])", "no-restricted-globals"],
    ["globalThis.process", "no-restricted-properties"],
    ["console.log(1)", "no-console"],
  ])("src must not use %s outside the command line", async (expression, rule) => {
    const text = `/** Doc. */\nexport function f(): unknown {\n  return ${expression};\n}\n`;
    expect(await brokenRules("src/gan/train/example.ts", text)).toEqual([rule]);
    expect(
      (await brokenRules("src/cli/example.ts", text)).filter((broken) => broken !== "no-restricted-properties"),
    ).toEqual([]);
  });

  it.each([
    ["work", "start();\n"],
    ["a variable", "/** Doc. */\nexport let count = 0;\nexport {};\n"],
    ["a private variable", "let count = 0;\n/** Doc. */\nexport const next = (): number => ++count;\n"],
    ["a top-level await", "/** Doc. */\nexport const answer: unknown = await fetch('x');\n"],
  ])("a module must not begin with %s", async (_, text) => {
    expect(await brokenRules("src/engine/nn/example.ts", text)).toContain("no-restricted-syntax");
  });

  it("may await inside a function", async () => {
    const text =
      "/** Doc. */\nexport async function f(x: Promise<number>): Promise<number> {\n  return (await x) + 1;\n}\n";
    expect(await brokenRules("src/engine/nn/example.ts", text)).toEqual([]);
  });
});

describe("what is published is documented, and small", () => {
  it.each([
    "export function f(): void {}",
    "export class C {\n  readonly x = 1;\n}",
    "export interface I {\n  readonly x: number;\n}",
    "export type T = number;",
    "export const f = (): void => undefined;",
    "export const c: number = 1;",
  ])("asks for a comment above %s", async (text) => {
    expect(await brokenRules("src/engine/nn/example.ts", `${text}\n`)).toContain("jsdoc/require-jsdoc");
    expect(await brokenRules("src/engine/nn/example.ts", `/** Says what it is. */\n${text}\n`)).not.toContain(
      "jsdoc/require-jsdoc",
    );
  });

  it("asks for no comment above an operation's record, which its function documents", async () => {
    const text = "export const negOp: OpDefinition<object, 1> = {};\n";
    expect(await brokenRules("src/engine/ops/example.ts", text)).not.toContain("jsdoc/require-jsdoc");
  });

  it("limits the length of files and functions", async () => {
    const lines = (count: number): string => "  void 0;\n".repeat(count);
    const long = `/** Doc. */\nexport function f(): void {\n${lines(70)}}\n`;
    expect(await brokenRules("src/engine/nn/example.ts", long)).toEqual(["max-lines-per-function"]);
    expect(await brokenRules("src/engine/nn/example.ts", "// line\n".repeat(401))).toEqual(["max-lines"]);
  });
});

describe("120 columns", () => {
  const fits = "x".repeat(117);

  it.each([
    "src/engine/example.ts",
    "assembly/example.ts",
    "test/example.ts",
    "bench/example.mjs",
    "example.js",
    "docs/example.md",
  ])("hold in %s", async (path) => {
    const comment = path.endsWith(".md") ? "   " : "// ";
    expect(await brokenRules(path, `${comment}${fits}\n`)).toEqual([]);
    expect(await brokenRules(path, `${comment}${fits}x\n`)).toEqual(["max-len"]);
  });

  it("hold for blocks of code in documents, not for tables and links", async () => {
    expect(await brokenRules("docs/example.md", `\`\`\`\n${fits}abcd\n\`\`\`\n`)).toEqual(["max-len"]);
    expect(await brokenRules("docs/example.md", `| ${fits} | ${fits} |\n`)).toEqual([]);
    expect(await brokenRules("docs/example.md", `See https://example.org/${fits}\n`)).toEqual([]);
  });
});

it("knows types: a promise that nobody awaits is an error", async () => {
  // A project of its own for the one file: the whole would take seconds to load.
  const projectService = { allowDefaultProject: ["src/engine/nn/example.ts"] };
  const typed = new ESLint({
    cwd: root,
    overrideConfig: [{ languageOptions: { parserOptions: { projectService } } }],
  });
  const text = "/** Doc. */\nexport function f(x: Promise<void>): void {\n  x.then(() => 1);\n}\n";
  const [result] = await typed.lintText(text, { filePath: "src/engine/nn/example.ts" });
  expect(result!.messages.map(({ ruleId }) => ruleId)).toEqual(["@typescript-eslint/no-floating-promises"]);
});
