// What a kernel call has to compute and to move.
import { Buffer } from "../src/compile/core/buffer.ts";
import type { Call, KernelName } from "../src/compile/core/emitter.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Multiplications and additions of a call they limit; of any other undefined. */
export function flopsOf({ kernel, args }: Pick<Call, "kernel" | "args">): number | undefined {
  if (kernel !== "gemm") return undefined;
  const [m, n, k] = args.slice(3, 6) as [number, number, number];
  return 2 * m * n * k;
}

/** Bytes read and written: what memory has to carry where no cache does. `words`: the memory, for a call's tables. */
export function bytesOf(call: Call, words: Int32Array): number {
  const floats = floatsOf[call.kernel]?.(call, words) ?? buffersOf(call).reduce((sum, { size }) => sum + size, 0);
  return floats * FLOAT_BYTES;
}

/** Calls that touch a part of a buffer, or an element twice; all others read or write once each buffer they name. */
const floatsOf: Partial<Record<KernelName, (call: Call, words: Int32Array) => number>> = {
  im2col: ({ args, extent }, words) => 2 * extent * windowOf(args[2]!, words).taps,
  col2im(call, words) {
    const { taps, outputs, inputs } = windowOf(call.args[2]!, words);
    return call.extent * (outputs * taps + inputs);
  },
  adam: ({ extent }) => 7 * extent,
  stridedCopy: ({ extent }) => 2 * extent,
  stridedStore: ({ extent }) => 2 * extent,
  stridedAccumulate: ({ extent }) => 3 * extent,
};

/** The buffers a call names, tables left out. */
function buffersOf({ args }: Call): Buffer[] {
  return args.filter((arg) => arg instanceof Buffer).filter(({ storage }) => storage.address === undefined);
}

/** From a geometry table (assembly/conv/geometry.ts): floats of a patch, patches of an image, floats of an image. */
function windowOf(
  table: number | Buffer,
  words: Int32Array,
): { readonly taps: number; readonly outputs: number; readonly inputs: number } {
  const first = (table as Buffer).addressIn(0) / Int32Array.BYTES_PER_ELEMENT;
  const word = (index: number): number => words[first + index]!;
  const [inHeight, inWidth, inChannels, filterHeight, filterWidth] = [word(1), word(2), word(3), word(4), word(5)];
  const [outHeight, outWidth] = [word(10), word(11)];
  return {
    taps: filterHeight * filterWidth * inChannels,
    outputs: outHeight * outWidth,
    inputs: inHeight * inWidth * inChannels,
  };
}
