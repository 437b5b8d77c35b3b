// Deletes the modules that src no longer has. Takes the comments out of the modules that the compiler made: they are a
// fifth of what is loaded, and the declarations keep them for readers. Then joins the modules of the library's entries
// into few files: dist/bundle/index.js and data.js, what they share, and what starts threads, which is loaded when they
// are wanted. Node takes half a millisecond for each module it loads, and the library has 163. The package's exports
// name these; the command line runs the modules as they are.
//
// Run by `npm run build`, after tsc. What differs between Node and browsers stays outside, as `#platform`.
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist/bundle", { recursive: true, force: true });
for (const name of readdirSync("dist", { recursive: true })) {
  if (!/\.(?:js|d\.ts)$/.test(name)) continue;
  const path = join("dist", name);
  // What an earlier build made of a module that src no longer has would be packed.
  if (!existsSync(join("src", name.replace(/\.(?:js|d\.ts)$/, ".ts")))) rmSync(path);
  else if (name.endsWith(".js")) stripComments(path);
}
await build({
  entryPoints: { index: "dist/index.js", data: "dist/data/index.js" },
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  external: ["#platform"],
  // Names of errors are part of what users see.
  keepNames: true,
  logLevel: "warning",
});

// npm sets this bit where it installs the package. In a clone npx does so once for its path, and not again for a clone
// in the same place.
chmodSync("dist/cli/main.js", 0o755);

/** Rewrites a module without its comments, unless it was done before. */
function stripComments(path) {
  const text = readFileSync(path, "utf8");
  if (!/\/\*|^\s*\/\//m.test(text)) return;
  const newest = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
  const compilerOptions = { ...newest, allowJs: true, removeComments: true, verbatimModuleSyntax: true };
  writeFileSync(path, ts.transpileModule(text, { fileName: path, compilerOptions }).outputText);
}
