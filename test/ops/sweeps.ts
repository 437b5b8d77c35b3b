// Cases beyond those in src/engine/ops: sizes around the register tiles (4, 8, 12, 16 columns), the macro tile (64
// rows), the blocks of sums (64 and 256) and the chunks of patches.
import { addBiasOp } from "../../src/engine/ops/add-bias.ts";
import { avgPoolOp } from "../../src/engine/ops/avg-pool.ts";
import { batchNormOp } from "../../src/engine/ops/batch-norm.ts";
import { conv2dFilterGradOp, conv2dInputGradOp, conv2dOp } from "../../src/engine/ops/conv2d.ts";
import { conv2dTransposeOp } from "../../src/engine/ops/conv2d-transpose.ts";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";
import { matMulOp } from "../../src/engine/ops/mat-mul.ts";
import { maxPoolOp } from "../../src/engine/ops/max-pool.ts";
import { maxOp } from "../../src/engine/ops/max.ts";
import { meanOp } from "../../src/engine/ops/mean.ts";
import { mulOp } from "../../src/engine/ops/arithmetic.ts";
import { resizeBilinearOp } from "../../src/engine/ops/resize-bilinear.ts";
import { softmaxCrossEntropyOp } from "../../src/engine/ops/softmax-cross-entropy.ts";
import { sumOp } from "../../src/engine/ops/sum.ts";
import { tanhOp } from "../../src/engine/ops/unary.ts";
import type { Pair } from "../../src/engine/window.ts";
import type { OpCase } from "../support/op-graph.ts";

type Shapes = readonly (readonly number[])[];

function opCase(operation: unknown, inputs: Shapes, attributes: object = {}): OpCase {
  const definition = operation as OpDefinition;
  const shapes = inputs.map((shape) => `[${shape.join(",")}]`).join(" ");
  const label = `${definition.name} ${shapes} ${JSON.stringify(attributes)}`;
  return { label, definition, opCase: { inputs, attributes } };
}

/** [m, n, k] of products. */
const PRODUCTS = [
  [1, 1, 1],
  [1, 16, 64],
  [1, 17, 65],
  [2, 15, 63],
  [3, 4, 257],
  [5, 8, 128],
  [7, 12, 129],
  [63, 13, 5],
  [64, 16, 3],
  [65, 33, 2],
  [130, 5, 9],
  [4, 100, 7],
  [1, 1, 1000],
] as const;

function products(): OpCase[] {
  return PRODUCTS.flatMap(([m, n, k]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) =>
        opCase(matMulOp, [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]], { transposeA, transposeB }),
      ),
    ),
  );
}

function biasedProducts(): OpCase[] {
  return PRODUCTS.map(([m, n, k]) => {
    const epilogue = m % 2 === 1 ? RECTIFIED : BIASED;
    return opCase(matMulOp, [[m, k], [k, n], [n]], { transposeA: false, transposeB: false, ...epilogue });
  });
}

function convolution(
  [batch, size, inChannels]: readonly [number, number, number],
  [height, width, outChannels]: readonly [number, number, number],
  strides: Pair = [1, 1],
  padding = "same",
): OpCase {
  const inputs = [[batch, size, size, inChannels], [height, width, inChannels, outChannels]]; // prettier-ignore
  return opCase(conv2dOp, inputs, { strides, padding });
}

const BIASED = { bias: true } as const;
const RECTIFIED = { bias: true, relu: true } as const;
const SAME = { strides: [1, 1], padding: "same" };
const VALID = { strides: [1, 1], padding: "valid" };

function pool(...window: [number, number]): object {
  return { ...RECTIFIED, pool: { window, strides: window, padding: "same" } };
}

/** Tiles of 16×16 pixels, which small images wrap around; blocks of 16 channels. With the gradients of each. */
// prettier-ignore
const byFft: readonly OpCase[] = [
  opCase(conv2dOp, [[2, 6, 6, 16], [5, 5, 16, 17]], SAME),
  // Two tiles by three. The last ones are cut short.
  opCase(conv2dOp, [[1, 17, 23, 16], [3, 9, 16, 16]], SAME),
  // The smallest number of outputs that each of several tiles may have.
  opCase(conv2dOp, [[1, 22, 24, 16], [11, 9, 16, 16]], VALID),
  opCase(conv2dOp, [[2, 6, 7, 16], [5, 5, 16, 33], [33]], { ...SAME, ...RECTIFIED }),
  opCase(conv2dOp, [[1, 15, 18, 17], [5, 3, 17, 16], [16]], { ...SAME, ...BIASED }),
  opCase(conv2dOp, [[3, 6, 7, 16], [5, 5, 16, 17], [17]], { ...SAME, ...pool(2, 2) }),
  opCase(conv2dOp, [[2, 17, 15, 16], [3, 3, 16, 32], [32]], { ...SAME, ...pool(3, 2) }),
  opCase(conv2dFilterGradOp, [[2, 6, 6, 17], [2, 6, 6, 16]], { ...SAME, filterShape: [5, 5, 16, 17] }),
  opCase(conv2dFilterGradOp, [[5, 5, 16, 17], [2, 6, 6, 17], [2, 6, 6, 16]],
    { ...SAME, accumulate: true, filterShape: [5, 5, 16, 17] }),
  opCase(conv2dInputGradOp, [[2, 6, 6, 17], [5, 5, 16, 17]], { ...SAME, xShape: [2, 6, 6, 16] }),
];

/** Every stride and padding, sizes of the result that several windows give, and each way to make it. */
// prettier-ignore
const transposed: readonly OpCase[] = [
  ...[1, 2, 3].flatMap((stride) => ["same", "valid"].flatMap((padding) => [1, 2, 3, 4, 5].map((window) =>
    opCase(conv2dTransposeOp, [[2, 4, 3, 3], [window, 3, 2, 3]], { strides: [stride, 2], padding })))),
  ...[7, 8].map((size) => opCase(conv2dTransposeOp, [[1, 4, 4, 3], [5, 4, 2, 3]],
    { strides: [2, 2], padding: "same", outputShape: [size, 15 - size] })),
  ...[9, 10].map((size) => opCase(conv2dTransposeOp, [[1, 4, 4, 3], [3, 3, 2, 3]],
    { strides: [2, 2], padding: "valid", outputShape: [size, 19 - size] })),
  // In several chunks of patches.
  opCase(conv2dTransposeOp, [[5, 15, 15, 3], [5, 5, 24, 3], [24]],
    { strides: [2, 2], padding: "same", bias: true, relu: true }),
  opCase(conv2dTransposeOp, [[2, 15, 15, 4], [5, 5, 12, 4]],
    { strides: [2, 2], padding: "same", outputShape: [29, 30] }),
  // By the flipped filter: patches, the FFT and Winograd's transform, with all epilogues that may join.
  ...[{}, BIASED, RECTIFIED].flatMap((joined) =>
    [[3, 3, 6], [5, 5, 6], [5, 5, 7], [2, 2, 5]].flatMap(([height, width, size]) =>
      ["same", "valid"].map((padding) =>
        opCase(conv2dTransposeOp, [[2, size!, 6, 16], [height!, width!, 17, 16], ...("bias" in joined ? [[17]] : [])],
          { strides: [1, 1], padding, ...joined })))),
];

/** x [batch, size, size, channels] and window [height, width] with steps, of pools. */
const POOLS = [
  [
    [1, 1, 1, 1],
    [2, 2],
    [2, 2],
  ],
  [
    [2, 7, 7, 5],
    [2, 2],
    [2, 2],
  ],
  [
    [1, 8, 6, 4],
    [3, 3],
    [1, 1],
  ],
  [
    [3, 5, 9, 17],
    [2, 3],
    [2, 1],
  ],
  [
    [1, 4, 4, 3],
    [1, 1],
    [2, 2],
  ],
] as const;

function pools(operation: unknown): OpCase[] {
  return POOLS.flatMap(([x, window, strides]) =>
    (x[1] >= window[0] && x[2] >= window[1] ? ["same", "valid"] : ["same"]).map((padding) =>
      opCase(operation, [x], { window, strides, padding }),
    ),
  );
}

/** Rows around the block of 256 and the groups of 16 and 4; channels around the lanes. */
// prettier-ignore
const NORMED = [
  [1, 3], [2, 1], [255, 1], [256, 4], [257, 5], [600, 3], [19, 25], [2, 9, 15, 7], [3, 28, 28, 1],
] as const;

function batchNorms(joined: { readonly relu?: true } = {}): OpCase[] {
  return NORMED.map((x) => opCase(batchNormOp, [x, x.slice(-1)], { epsilon: 1e-5, ...joined }));
}

/** Shapes and the axes to reduce, around the block of 256. */
const REDUCTIONS: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[255], [0]],
  [[256], [0]],
  [[257], [0]],
  [[513, 3], [0]],
  [
    [300, 1, 5],
    [0, 1],
  ],
  [[2, 257, 3], [1]],
  [[3, 700], [1]],
  [
    [2, 3, 4, 5],
    [0, 2],
  ],
  [
    [2, 1, 300],
    [0, 2],
  ],
  [[1, 1], [0]],
];

function reductions(operation: unknown): OpCase[] {
  return REDUCTIONS.map(([shape, axes]) => opCase(operation, [shape], { axes }));
}

/** The sweeps by what they vary. */
export const sweeps: Readonly<Record<string, readonly OpCase[]>> = {
  "matMul, every transposition": products(),
  "matMul with a bias": biasedProducts(),
  conv2d: [
    convolution([1, 1, 1], [1, 1, 1]),
    convolution([1, 1, 3], [3, 3, 2]),
    convolution([2, 7, 1], [5, 5, 17]),
    convolution([2, 7, 15], [3, 3, 16]),
    convolution([1, 6, 16], [3, 3, 15]),
    convolution([1, 5, 17], [1, 1, 5]),
    convolution([3, 5, 16], [3, 1, 4], [1, 2]),
    convolution([2, 8, 4], [2, 2, 12], [2, 2]),
    convolution([2, 9, 3], [4, 3, 2], [3, 2], "valid"),
    convolution([1, 4, 20], [4, 4, 3], [1, 1], "valid"),
    convolution([1, 3, 2], [5, 5, 2]),
    convolution([1, 6, 16], [5, 5, 16], [1, 1], "valid"),
  ],
  "conv2d in several chunks of patches": [
    convolution([2, 14, 32], [5, 5, 3]),
    convolution([1, 17, 48], [5, 5, 2]),
    convolution([5, 30, 12], [5, 5, 1], [2, 2]),
    convolution([3, 24, 20], [7, 7, 1], [2, 2]),
  ],
  "conv2d by Winograd": [
    convolution([1, 5, 16], [2, 2, 17]),
    convolution([2, 6, 17], [2, 2, 16], [1, 1], "valid"),
    convolution([2, 4, 16], [2, 2, 33]),
    convolution([1, 9, 33], [2, 2, 16]),
  ],
  "convolutions by FFT": byFft,
  conv2dTranspose: transposed,
  sum: reductions(sumOp),
  mean: reductions(meanOp),
  max: reductions(maxOp),
  batchNorm: batchNorms(),
  "batchNorm with relu": batchNorms({ relu: true }),
  avgPool: pools(avgPoolOp),
  maxPool: pools(maxPoolOp),
  resizeBilinear: [
    [
      [1, 28, 28, 3],
      [56, 56],
    ],
    [
      [2, 7, 5, 4],
      [14, 3],
    ],
    [
      [1, 3, 3, 5],
      [10, 7],
    ],
    [
      [2, 9, 4, 1],
      [4, 9],
    ],
    [
      [1, 1, 6, 2],
      [3, 1],
    ],
  ].map(([x, size]) => opCase(resizeBilinearOp, [x!], { size })),
  // prettier-ignore
  "softmaxCrossEntropy": [[1, 1], [5, 4], [3, 17], [2, 300]].map((x) => opCase(softmaxCrossEntropyOp, [x, x])),
  "elementwise, lanes and tails": [
    ...[1, 3, 4, 5, 19, 1030].map((size) => opCase(tanhOp, [[size]])),
    // prettier-ignore
    ...[[[7, 1], [1, 9]], [[3, 1, 5], [2, 1]], [[6], []], [[2, 3, 4, 5], [3, 1, 5]]].map((x) => opCase(mulOp, x)),
    ...[1, 4, 7, 16, 33].map((channels) => opCase(addBiasOp, [[9, channels], [channels]])),
  ],
};
