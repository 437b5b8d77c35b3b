// Joins the modules that the compiler made of the library's entries into few files: dist/bundle/index.js and data.js, what they
// share, and what starts threads, which is loaded when they are wanted. Node takes half a millisecond for each module it loads, and
// the library has 202. The package's exports name these; the command line runs the modules as they are.
//
// Run by `npm run build`, after tsc. What differs between Node and browsers stays outside, as `#platform`.
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist/bundle", { recursive: true, force: true });

/** The comments within classes would stay, a fifteenth of what is loaded; the declarations in dist/ keep them for readers. */
const withoutComments = {
  name: "without-comments",
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => ({ contents: stripped(path), loader: "js" }));
  },
};

function stripped(path) {
  const compilerOptions = { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(readFileSync(path, "utf8"), { compilerOptions }).outputText;
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
  plugins: [withoutComments],
  logLevel: "warning",
});

// npm sets this bit where it installs the package. In a clone npx does so once for its path, and not again for a clone in the same
// place.
chmodSync("dist/cli/main.js", 0o755);
