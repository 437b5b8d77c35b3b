// The direction of imports. A layer imports itself and the layers beside it, nothing else. `files` are tried from top
// to bottom and the first match counts. eslint.config.js holds this table, and ARCHITECTURE.md shows it: a test
// compares them. Only `platform`, `workers` and the command line import Node's modules. Only the command line imports
// npm packages.

const engineBase = ["leaf", "runtime", "graph", "program"];
const engine = [...engineBase, "lowering", "ops", "compile", "session", "nn", "optim"];
const library = [...engine, "gan", "data", "formats", "train", "public"];

// The command line: commands import its other folders, never the other way round, and no command knows another.
const commandBase = ["cli-terminal", "cli-files"];
const commandParts = [...commandBase, "cli-data", "cli-run", "cli-wide", "cli-measure"];
const commands = ["cli-train", "cli-sample", "cli-bench"];

/** Names for many layers at once, as ARCHITECTURE.md's table uses them. */
export const groups = { engine, library };

/** The layers of the command line. */
export const commandLine = ["cli", ...commandParts, ...commands];

/** Every layer: its name, its files, and the other layers that it may import. */
export const layers = [
  { layer: "public", files: ["src/index.ts"], imports: library.filter((layer) => layer !== "public") },
  { layer: "leaf", files: ["src/engine/*.ts", "src/engine/random/**"], imports: [] },
  { layer: "workers", files: ["src/engine/platform/*-worker.ts"], imports: ["leaf", "runtime"] },
  { layer: "platform", files: ["src/engine/platform/**"], imports: ["leaf"] },
  { layer: "runtime", files: ["src/engine/runtime/**"], imports: ["leaf"] },
  { layer: "graph", files: ["src/engine/graph/**"], imports: ["leaf"] },
  { layer: "program", files: ["src/engine/program/**"], imports: ["leaf", "runtime", "graph"] },
  { layer: "lowering", files: ["src/engine/lowering/**"], imports: engineBase },
  { layer: "ops", files: ["src/engine/ops/**"], imports: ["leaf", "graph", "program", "lowering"] },
  { layer: "compile", files: ["src/engine/compile/**"], imports: [...engineBase, "lowering", "ops"] },
  { layer: "session", files: ["src/engine/session/**"], imports: [...engineBase, "lowering", "ops", "compile"] },
  { layer: "nn", files: ["src/engine/nn/**"], imports: ["leaf", "graph", "ops"] },
  { layer: "optim", files: ["src/engine/optim/**"], imports: ["leaf", "graph", "program"] },
  { layer: "train", files: ["src/gan/train/**"], imports: [...engine, "gan", "data", "formats"] },
  { layer: "gan", files: ["src/gan/**"], imports: engine },
  { layer: "data", files: ["src/data/**"], imports: ["leaf"] },
  { layer: "formats", files: ["src/formats/**"], imports: ["leaf"] },
  { layer: "cli", files: ["src/cli/*.ts"], imports: [...library, ...commandParts, ...commands] },
  { layer: "cli-terminal", files: ["src/cli/terminal/**"], imports: library },
  { layer: "cli-files", files: ["src/cli/files/**"], imports: library },
  { layer: "cli-data", files: ["src/cli/data/**"], imports: [...library, ...commandBase] },
  { layer: "cli-run", files: ["src/cli/run/**"], imports: [...library, ...commandBase] },
  { layer: "cli-wide", files: ["src/cli/wide/**"], imports: [...library, ...commandBase] },
  { layer: "cli-measure", files: ["src/cli/measure/**"], imports: [...library, "cli-run", "cli-wide"] },
  { layer: "cli-train", files: ["src/cli/train/**"], imports: [...library, ...commandParts] },
  { layer: "cli-sample", files: ["src/cli/sample/**"], imports: [...library, ...commandParts] },
  { layer: "cli-bench", files: ["src/cli/bench/**"], imports: [...library, ...commandParts] },
];
