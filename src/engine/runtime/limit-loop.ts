import { instantiateKernels } from "./kernels.ts";
import { FLOPS_PER_ROUND } from "./sizes.generated.ts";

/** About 20 µs: short enough to fit between two interruptions of a busy machine. */
const ROUNDS = 4000;

/** The address of the four floats the loop works on. A session keeps nothing there (memory.ts). */
const ADDRESS = 512;

/** The loop that measures a machine. Its fastest run shows the speed that no kernel can exceed here. */
export interface LimitLoop {
  /** Multiplications and additions of one run. */
  readonly flops: number;
  /** Runs it: on 128-bit registers, without memory, on this thread. */
  readonly run: () => void;
}

/** The loop, compiled. @throws UnsupportedError where WebAssembly or its SIMD is missing. */
export async function limitLoop(): Promise<LimitLoop> {
  const { kernels, memory } = await instantiateKernels();
  const x = new Float32Array(memory.buffer, ADDRESS, 4);
  const run = (): void => {
    x.fill(0.5);
    kernels.multiplyAddLoop(ADDRESS, ROUNDS, 0, 1);
  };
  return { flops: FLOPS_PER_ROUND * ROUNDS, run };
}
