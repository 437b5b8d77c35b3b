// What a kernel call has to compute and to move.
import { Buffer } from "../src/engine/program/buffer.ts";
import { type Call, type KernelName } from "../src/engine/program/emitter.ts";
import { PANEL_COLUMNS } from "../src/engine/runtime/sizes.generated.ts";
import { PLANES as SPECTRUM } from "../src/engine/lowering/convolution/fft-tables.ts";
import { maskWords } from "../src/engine/lowering/convolution/images.ts";
import { PLANES, TILE } from "../src/engine/lowering/convolution/winograd.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Multiplications and additions of a call they limit; of any other undefined. */
export function flopsOf({ kernel, args }: Call): number | undefined {
  if (kernel === "gemm" || kernel === "gemmWide") {
    const [batch, m, n, k] = tableAt(args[3]);
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

/** Bytes read and written: what memory has to carry where no cache does. */
export function bytesOf(call: Call): number {
  const floats = floatsOf[call.kernel]?.(call) ?? buffersOf(call).reduce((sum, { size }) => sum + size, 0);
  return floats * FLOAT_BYTES;
}

/** Calls that touch a part of a buffer, or an element twice; all others read or write once each buffer they name. */
const floatsOf: Partial<Record<KernelName, (call: Call) => number>> = {
  im2col: ({ args, extent }) => 2 * extent * windowOf(args[2]).taps,
  col2im(call) {
    const { taps, outputs, inputs } = windowOf(call.args[2]);
    return call.extent * (outputs * taps + inputs);
  },
  fftFilter({ args, extent }) {
    const [height, width, , outChannels] = args.slice(3, 7) as [number, number, number, number];
    return extent * (height * width * outChannels + SPECTRUM * panelColumns(outChannels));
  },
  fftFilterGrad({ args, extent }) {
    const { taps, inChannels } = windowOf(args[10]);
    const outChannels = args[12] as number;
    const passes = args[14] === 1 ? 2 : 1;
    return extent * ((passes * taps * outChannels) / inChannels + SPECTRUM * panelColumns(outChannels));
  },
  fftInput({ args, extent }) {
    const { inputs, inChannels } = windowOf(args[2]);
    return extent * (inputs / fftTiles(args[3]) + SPECTRUM * inChannels);
  },
  fftOutput({ args, extent }) {
    const channels = Math.min(PANEL_COLUMNS, (args[10] as number) - (args[11] as number));
    const { outputs } = windowOf(args[7]);
    return extent * channels * (outputs / fftTiles(args[8]) + SPECTRUM);
  },
  fftOutputGrad({ args, extent }) {
    const channels = args[5] as number;
    const { outputs } = windowOf(args[2]);
    return extent * ((outputs * channels) / fftTiles(args[3]) + SPECTRUM * panelColumns(channels));
  },
  winogradInput({ args, extent }) {
    const { inputs, inChannels, tiles } = windowOf(args[2]);
    return (extent / tiles) * (inputs + PLANES * tiles * inChannels);
  },
  winogradOutput({ args, extent }) {
    const { outputs, tiles } = windowOf(args[7]);
    return (extent / tiles) * (outputs + PLANES * tiles) * (args[8] as number);
  },
  winogradFilterGrad: ({ args }) => buffersOf({ args: args.slice(0, 2) }).reduce((sum, { size }) => sum + size, 0),
  winogradOutputGrad({ args, extent }) {
    const { outputs, tiles } = windowOf(args[2]);
    const channels = args[3] as number;
    return (extent / tiles) * (outputs * channels + PLANES * tiles * panelColumns(channels));
  },
  windowMagnitudes({ args, extent }) {
    const { inputs, inChannels, outputs } = windowOf(args[2]);
    return extent * (inputs + inputs / inChannels + 2 * outputs);
  },
  maskedAvgPool({ args, extent }) {
    const window = windowOf(args[3]);
    return (extent / window.outHeight) * maskedPoolFloats(window);
  },
  maskedAvgPoolGrad({ args, extent }) {
    const window = windowOf(args[3]);
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
  const tensors = buffersOf({ args }).filter(({ size }) => size === extent);
  return (2 * tensors.length - 1) * extent;
}

/** Tiles of an image, by the table of assembly/fft/tiling.ts. */
function fftTiles(table: number | Buffer | undefined): number {
  const [, , down, across] = tableAt(table);
  return down! * across!;
}

function panelColumns(channels: number): number {
  return Math.ceil(channels / PANEL_COLUMNS) * PANEL_COLUMNS;
}

/** The tensors a call names: no tables, and no scalars of an optimizer. */
export function buffersOf({ args }: Pick<Call, "args">): Buffer[] {
  const isTensor = ({ storage: { resident } }: Buffer): boolean =>
    resident?.kind !== "table" && resident?.kind !== "scalar";
  return args.filter((arg) => arg instanceof Buffer).filter(isTensor);
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

function windowOf(table: number | Buffer | undefined): Window {
  const word = (index: number): number => tableAt(table)[index]!;
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

/** A table's integers. */
function tableAt(table: number | Buffer | undefined): Int32Array {
  const resident = table instanceof Buffer ? table.storage.resident : undefined;
  if (resident?.kind === "table" && resident.values instanceof Int32Array) return resident.values;
  throw new Error("a call has no table of integers where its kernel reads one");
}
