// Loaded before the command line (--import): counts, of every instance of the kernels on the main thread, the calls of
// one kernel in wide tiles, and writes the counts to the file WIDE_CALLS when the process ends. It is a kernel of which
// the probe of tiles makes no call, so a session has one only after it has changed to wide tiles.
import { writeFileSync } from "node:fs";

const KERNEL = "transposedTimesSparseWide";
const counts = [];

const { WebAssembly } = globalThis;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (module, imports) => {
  const { exports } = await instantiate(module, imports);
  const index = counts.push(0) - 1;
  const counted = (...args) => {
    counts[index]++;
    exports[KERNEL](...args);
  };
  return { exports: { ...exports, [KERNEL]: counted } };
};

process.on("exit", () => writeFileSync(process.env.WIDE_CALLS, JSON.stringify(counts)));
