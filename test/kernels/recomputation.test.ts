// Outputs and filter gradients that are small beside what a transform rounds are sums of their own terms; all others
// have the transform's bits. The products are noise, so that every choice comes at every place;
// fft-convolution.test.ts and winograd-convolution.test.ts have real products.
import { test } from "vitest";
import { PLANES } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { POSITIONS } from "../support/reference/winograd.ts";
import { checkKernels, f, noise } from "./check-kernel.ts";
import * as fft from "./fft-convolutions.ts";
import { gradientOperands, gradientVariants, type GradientOperands } from "./gradient-operands.ts";
import * as winograd from "./minimal-convolutions.ts";
import { outputOperands, type OutputOperands } from "./output-operands.ts";
import { gradientLimits, gradientTerms, outputLimits, outputTerms, type Tile } from "./own-terms.ts";
import {
  Lanes,
  rectified,
  recomputationCase,
  tightOperands,
  unevenFilter,
  unevenImage,
  type KernelCall,
  type Recomputation,
  type Told,
} from "./recomputation.ts";
import { firstImages, imageLength, type Window } from "./windows.ts";

const memory = await KernelMemory.create();

/** Shares of the numbers whose terms are below their limits. */
const SHARES = [0.15, 0.6];

/** What follows an output. */
const EPILOGUES = [
  { bias: false, relu: false },
  { bias: true, relu: false },
  { bias: true, relu: true },
  { bias: false, relu: true },
];

/** The call of a kernel that makes outputs. */
interface Outputs {
  readonly label: string;
  readonly w: Window;
  readonly outChannels: number;
  readonly firstImage: number;
  readonly tiles: readonly Tile[];
  /** Inputs that a tile sees in both directions. */
  readonly seen: number;
  /** The channels that it writes: the first one, and the one after the last. */
  readonly channels: readonly [number, number];
  readonly products: number;
  readonly call: (products: Float32Array, operands: OutputOperands) => KernelCall;
}

test("fftOutput sums the terms of outputs whose terms are small, or that are near 0 with their bias", () => {
  const calls = fft.convolutions.flatMap((convolution) =>
    firstImages(convolution.w).flatMap((firstImage) =>
      Array.from({ length: fft.blocksOf(convolution.outChannels) }, (_, block): Outputs => {
        const { w, outChannels } = convolution;
        const tiles = fft.tilesOf(convolution, firstImage);
        return {
          label: `fftOutput ${fft.labelled(convolution)} from image ${firstImage}, block ${block}`,
          w,
          outChannels,
          firstImage,
          tiles,
          seen: 16,
          channels: [16 * block, 16 * block + 16],
          products: tiles.length * PLANES * 16,
          call: (m, operands) => fft.outputCall(convolution, [firstImage, 16 * block], m, operands),
        };
      }),
    ),
  );
  // The kernel looks at errors whatever follows.
  checkOutputs(calls, () => true);
});

test("winogradOutput sums the terms of outputs whose terms are small, or that are near 0 with their bias", () => {
  const calls = winograd.convolutions.flatMap((convolution) =>
    firstImages(convolution.w).map((firstImage): Outputs => {
      const { w, outChannels } = convolution;
      return {
        label: `winogradOutput ${winograd.labelled(convolution)} from image ${firstImage}`,
        w,
        outChannels,
        firstImage,
        tiles: winograd.croppedTilesOf(w, firstImage),
        seen: 5,
        channels: [0, outChannels],
        products: POSITIONS * winograd.productPlane(convolution, firstImage),
        call: (m, operands) => winograd.outputCall(convolution, firstImage, m, operands),
      };
    }),
  );
  checkOutputs(calls, ({ bias, relu }) => bias || relu);
});

type Epilogue = (typeof EPILOGUES)[number];

function checkOutputs(calls: readonly Outputs[], erring: (epilogue: Epilogue) => boolean): void {
  const lanes = new Lanes();
  const cases = calls.flatMap((outputs, number) =>
    [false, true].flatMap((tight, i) =>
      SHARES.map((share, j) => {
        const epilogue = EPILOGUES[(number + i + 2 * j) % 4]!;
        const recomputation = recomputedOutputs(outputs, number, epilogue, tight);
        return recomputationCase(memory, { ...recomputation, share, erring: erring(epilogue) }, lanes);
      }),
    ),
  );
  checkKernels(memory, cases);
  lanes.check({ near: 3 });
}

function recomputedOutputs(
  outputs: Outputs,
  seed: number,
  epilogue: Epilogue,
  tight: boolean,
): Omit<Recomputation, "share" | "erring"> {
  const { label, w, outChannels, firstImage, tiles, seen, channels, products, call } = outputs;
  const length = w.batch * imageLength(w);
  const weights = w.filterHeight * w.filterWidth * w.channels * outChannels;
  const { x, filter } = tight
    ? tightOperands(length, w.channels, weights, outChannels, 50 + seed)
    : { x: unevenImage(length, w.channels, 50 + seed), filter: unevenFilter(weights, outChannels, 60 + seed) };
  return {
    label: `${label} ${JSON.stringify({ ...epilogue, tight })}`,
    channels: outChannels,
    products: noise(products, 80 + seed),
    biased: epilogue.bias,
    call: (m, { bias = new Float32Array(outChannels).fill(NaN), finished, ...limits }) => {
      const after = finished ? epilogue : { bias: false, relu: false };
      return call(m, outputOperands(w, firstImage, { x, filter, bias }, after, limits));
    },
    terms: outputTerms(w, outChannels, x, filter),
    limitsFor: (t) =>
      outputLimits(w, outChannels, x, filter, tiles, seen, t).map((limit, i) =>
        i % outChannels >= channels[0] && i % outChannels < channels[1] ? limit : NaN,
      ),
    finish: (value) => (epilogue.relu ? rectified(value) : value),
  };
}

/** The call of a kernel that makes filter gradients. */
interface Gradients {
  readonly label: string;
  readonly w: Window;
  readonly outChannels: number;
  readonly products: number;
  readonly call: (products: Float32Array, operands: GradientOperands, accumulate: boolean, t: number) => KernelCall;
}

test("fftFilterGrad sums the terms of gradients whose terms are small", () => {
  const calls = fft.convolutions.map((convolution): Gradients => {
    const { w, outChannels } = convolution;
    return {
      label: `fftFilterGrad ${fft.labelled(convolution)}`,
      w,
      outChannels,
      products: fft.blocksOf(outChannels) * PLANES * (w.channels * 16 + fft.GAP),
      call: (du, operands, accumulate, t) => fft.filterGradCall(convolution, du, operands, accumulate, t),
    };
  });
  checkGradients(calls);
});

test("winogradFilterGrad sums the terms of gradients whose terms are small", () => {
  const calls = winograd.convolutions.map((convolution, i): Gradients => {
    const { w, outChannels } = convolution;
    const parts = 1 + (i % 3);
    return {
      label: `winogradFilterGrad ${winograd.labelled(convolution)} of ${parts} parts`,
      w,
      outChannels,
      products: parts * winograd.gradientPart(convolution),
      call: (du, operands, accumulate, t) =>
        winograd.filterGradCall(convolution, du, operands, { parts, accumulate }, t),
    };
  });
  checkGradients(calls);
});

function checkGradients(calls: readonly Gradients[]): void {
  const lanes = new Lanes();
  const cases = calls.flatMap((gradients, number) =>
    gradientVariants.map((variant, i) => {
      const operands = gradientOperands(gradients.w, gradients.outChannels, variant, 90 + number);
      const recomputation = recomputedGradients(gradients, operands, (number + i) % 3 === 0, 100 + number);
      return recomputationCase(memory, { ...recomputation, share: SHARES[i >> 1]! }, lanes);
    }),
  );
  checkKernels(memory, cases);
  lanes.check({ near: 0 });
}

function recomputedGradients(
  { label, w, outChannels, products, call }: Gradients,
  operands: GradientOperands,
  accumulate: boolean,
  seed: number,
): Omit<Recomputation, "share"> {
  const { x, dy, masked, bits } = operands;
  return {
    label: `${label} ${JSON.stringify({ masked, bits, accumulate })}`,
    channels: outChannels,
    products: noise(products, seed),
    biased: false,
    erring: false,
    call: (du, { t, finished }: Told) => call(du, operands, finished && accumulate, t),
    terms: gradientTerms(w, outChannels, x, dy),
    limitsFor: (t) => gradientLimits(w, outChannels, x, dy, t),
    finish: (value, before) => (accumulate ? f(value + before) : value),
  };
}
