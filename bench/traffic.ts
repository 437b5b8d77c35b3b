// What a kernel call has to compute and to move.
import { Buffer } from "../src/engine/program/buffer.ts";
import { type Call, type KernelName } from "../src/engine/program/emitter.ts";
import { PANEL_COLUMNS } from "../src/engine/runtime/sizes.generated.ts";
import { PLANES as SPECTRUM } from "../src/engine/lowering/convolution/fft-tables.ts";
import { maskWords } from "../src/engine/lowering/convolution/images.ts";
import { PLANES, TILE } from "../src/engine/lowering/convolution/winograd.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Multiplications and additions of a call they limit; of any other undefined. `words`: the memory, for its tables. */
export function flopsOf({ kernel, args }: Pick<Call, "kernel" | "args">, words: Int32Array): number | undefined {
  if (kernel === "gemm" || kernel === "gemmWide") {
    const [batch, m, n, k] = tableAt(args[3]!, words);
    return 2 * batch! * m! * n! * k!;
  }
  if (kernel === "gemmPanelsTransposed" || kernel === "gemmPanelsTransposedWide") {
    const [m, n, k] = args.slice(4, 7) as [number, number, number];
    return 2 * m * n * k;
  }
  if (kernel.startsWith("sparseTimesPanels") || kernel.startsWith("transposedTimesSparse")) {
    const [m, n, k] = args.slice(5, 8) as [number, number, number];
    return 2 * m * n * k;
  }
  if (kernel === "matrixTimesVector") {
    const [m, k] = args.slice(3, 5) as [number, number];
    return 2 * m * k;
  }
  return undefined;
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
  fftFilter({ args, extent }) {
    const [height, width, , outChannels] = args.slice(3, 7) as [number, number, number, number];
    return extent * (height * width * outChannels + SPECTRUM * panelColumns(outChannels));
  },
  fftFilterGrad({ args, extent }, words) {
    const { taps, inChannels } = windowOf(args[10]!, words);
    const outChannels = args[12] as number;
    const passes = args[14] === 1 ? 2 : 1;
    return extent * ((passes * taps * outChannels) / inChannels + SPECTRUM * panelColumns(outChannels));
  },
  fftInput({ args, extent }, words) {
    const { inputs, inChannels } = windowOf(args[2]!, words);
    return extent * (inputs / fftTiles(args[3]!, words) + SPECTRUM * inChannels);
  },
  fftOutput({ args, extent }, words) {
    const channels = Math.min(PANEL_COLUMNS, (args[10] as number) - (args[11] as number));
    const { outputs } = windowOf(args[7]!, words);
    return extent * channels * (outputs / fftTiles(args[8]!, words) + SPECTRUM);
  },
  fftOutputGrad({ args, extent }, words) {
    const channels = args[5] as number;
    const { outputs } = windowOf(args[2]!, words);
    return extent * ((outputs * channels) / fftTiles(args[3]!, words) + SPECTRUM * panelColumns(channels));
  },
  winogradInput({ args, extent }, words) {
    const { inputs, inChannels, tiles } = windowOf(args[2]!, words);
    return (extent / tiles) * (inputs + PLANES * tiles * inChannels);
  },
  winogradOutput({ args, extent }, words) {
    const { outputs, tiles } = windowOf(args[7]!, words);
    return (extent / tiles) * (outputs + PLANES * tiles) * (args[8] as number);
  },
  winogradFilterGrad: ({ args }) => buffersOf({ args: args.slice(0, 2) }).reduce((sum, { size }) => sum + size, 0),
  winogradOutputGrad({ args, extent }, words) {
    const { outputs, tiles } = windowOf(args[2]!, words);
    const channels = args[3] as number;
    return (extent / tiles) * (outputs * channels + PLANES * tiles * panelColumns(channels));
  },
  windowMagnitudes({ args, extent }, words) {
    const { inputs, inChannels, outputs } = windowOf(args[2]!, words);
    return extent * (inputs + inputs / inChannels + 2 * outputs);
  },
  maskedAvgPool({ args, extent }, words) {
    const window = windowOf(args[3]!, words);
    return (extent / window.outHeight) * maskedPoolFloats(window);
  },
  maskedAvgPoolGrad({ args, extent }, words) {
    const window = windowOf(args[3]!, words);
    return (extent / window.inHeight) * maskedPoolFloats(window);
  },
  adam: updateFloats,
  rmsprop: updateFloats,
  sgd: updateFloats,
  stridedCopy: ({ extent }) => 2 * extent,
  stridedStore: ({ extent }) => 2 * extent,
  stridedAccumulate: ({ extent }) => 3 * extent,
};

/** An update reads its gradient, and reads and writes the variable and the slots; scalars are as nothing. */
function updateFloats({ args, extent }: Call): number {
  const tensors = args.filter((arg) => arg instanceof Buffer).filter(({ size }) => size === extent);
  return (2 * tensors.length - 1) * extent;
}

/** Tiles of an image, by the table of assembly/fft/tiling.ts. */
function fftTiles(table: number | Buffer, words: Int32Array): number {
  const [, , down, across] = tableAt(table, words);
  return down! * across!;
}

function panelColumns(channels: number): number {
  return Math.ceil(channels / PANEL_COLUMNS) * PANEL_COLUMNS;
}

/** The buffers a call names, tables left out. */
function buffersOf({ args }: Pick<Call, "args">): Buffer[] {
  return args.filter((arg) => arg instanceof Buffer).filter(({ storage }) => storage.address === undefined);
}

/** What a geometry table (assembly/conv/geometry.ts) says, or what follows from it. */
interface Window {
  readonly inHeight: number;
  readonly inChannels: number;
  readonly outHeight: number;
  /** Floats of a patch. */
  readonly taps: number;
  /** Patches of an image. */
  readonly outputs: number;
  /** Floats of an image. */
  readonly inputs: number;
  /** Tiles of an image, of a Winograd convolution. */
  readonly tiles: number;
}

function windowOf(table: number | Buffer, words: Int32Array): Window {
  const word = (index: number): number => tableAt(table, words)[index]!;
  const [inHeight, inWidth, inChannels, filterHeight, filterWidth] = [word(1), word(2), word(3), word(4), word(5)];
  const [outHeight, outWidth] = [word(10), word(11)];
  return {
    inHeight,
    inChannels,
    outHeight,
    taps: filterHeight * filterWidth * inChannels,
    outputs: outHeight * outWidth,
    inputs: inHeight * inWidth * inChannels,
    tiles: Math.ceil(outHeight / TILE) * Math.ceil(outWidth / TILE),
  };
}

/** Of an image: what relu left, the pool of it and the mask. */
function maskedPoolFloats({ inputs, outputs, inChannels }: Window): number {
  return inputs + outputs * inChannels + (inputs / inChannels) * maskWords(inChannels);
}

/** The integers from a table's start on; its address is given, or fixed. */
function tableAt(table: number | Buffer, words: Int32Array): Int32Array {
  const address = table instanceof Buffer ? table.addressIn(0) : table;
  return words.subarray(address / Int32Array.BYTES_PER_ELEMENT);
}
