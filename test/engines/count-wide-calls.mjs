// Loaded before the command line (--import). It counts the calls of one kernel in wide tiles, for every instance of the
// kernels on the main thread, and writes the counts to the file WIDE_CALLS when the process ends. The probe of tiles
// does not call this kernel, so a session calls it only after it has changed to wide tiles.
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
