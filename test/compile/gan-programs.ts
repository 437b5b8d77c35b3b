// The programs that gan-programs.test.ts expects: their operations in order, with what has joined them, and shapes.

/** The generator's images. */
const GENERATE = [
  "matMul, bias [50,3136]",
  "reshape [50,56,56,1]",
  "batchNorm, relu [50,56,56,1]",
  "conv2d [50,28,28,50]",
  "scale [50]",
  "add [50]",
  "batchNorm, relu [50,28,28,50]",
  "mapFilter [2,2,50,25]",
  "conv2d [50,28,28,25]",
  "slice [50,1,28,50]",
  "mapFilter [1,2,50,25]",
  "conv2d [50,1,28,25]",
  "addAt [50,28,28,25]",
  "slice [50,28,1,50]",
  "mapFilter [2,1,50,25]",
  "conv2d [50,28,1,25]",
  "addAt [50,28,28,25]",
  "slice [50,1,1,50]",
  "mapFilter [1,1,50,25]",
  "conv2d [50,1,1,25]",
  "addAt [50,28,28,25]",
  "scale [25]",
  "add [25]",
  "batchNorm, relu [50,28,28,25]",
  "conv2d, bias [50,28,28,1]",
  "sigmoid [50,28,28,1]",
];

/** The discriminator's logits of a batch. */
const discriminate = (batch: number): readonly string[] => [
  `conv2d, bias, relu, pool [${batch},14,14,32]`,
  `conv2d, bias, relu, pool [${batch},7,7,64]`,
  `reshape [${batch},3136]`,
  `matMul, bias, relu [${batch},1024]`,
  `matMul, bias [${batch},1]`,
];

/** A loss of 50 logits. */
const LOSS = ["fillLike [50,1]", "sigmoidCrossEntropy [50,1]", "mean []"];

/** The gradient of a loss in its logits. */
const LOSS_GRAD = ["fillLike []", "scale []", "reshape [1,1]", "broadcastTo [50,1]", "sigmoidCrossEntropyGrad [50,1]"];

/** From the gradient of a batch's logits back to the first pool. */
const discriminateGrad = (batch: number): readonly string[] => [
  `matMul [${batch},1024]`,
  `reluGrad [${batch},1024]`,
  `matMul, zeros of a [${batch},3136]`,
  `reshape [${batch},7,7,64]`,
  `saved [${batch},14,14,2]`,
  `conv2dInputGrad, through pool [${batch},14,14,32]`,
  `saved [${batch},28,28,1]`,
];

/** The gradients of the discriminator's variables. */
const DISCRIMINATOR_GRADIENTS = [
  "conv2dFilterGrad, through pool [5,5,1,32]",
  "conv2dBiasGrad, through pool [32]",
  "conv2dFilterGrad, through pool [5,5,32,64]",
  "conv2dBiasGrad, through pool [64]",
  "matMul, zeros of b [3136,1024]",
  "sum [1024]",
  "matMul [1024,1]",
  "sum [1]",
];

/** The discriminator on real and on generated images as one batch. */
const BOTH_LOSSES = ["concat [100,28,28,1]", ...discriminate(100), "slice [50,1]", ...LOSS, "slice [50,1]", ...LOSS];

/** The gradients of the sum of both losses. */
const BOTH_GRADIENTS = [
  ...LOSS_GRAD,
  "pad [100,1]",
  "sigmoidCrossEntropyGrad [50,1]",
  "addAt [100,1]",
  ...discriminateGrad(100),
  ...DISCRIMINATOR_GRADIENTS,
];

/** The expected operations, by the program's purpose. */
export const ganPrograms: Readonly<Record<string, readonly string[]>> = {
  pretraining: [
    ...discriminate(50),
    ...LOSS,
    ...GENERATE,
    ...discriminate(50),
    ...LOSS,
    ...LOSS_GRAD,
    ...discriminateGrad(50),
    ...DISCRIMINATOR_GRADIENTS,
    ...LOSS_GRAD,
    ...discriminateGrad(50),
    ...DISCRIMINATOR_GRADIENTS,
  ],
  "the discriminator's step": [...GENERATE, ...BOTH_LOSSES, "add []", ...BOTH_GRADIENTS],
  "the generator's step": [
    ...GENERATE,
    ...discriminate(50),
    ...LOSS,
    ...LOSS_GRAD,
    ...discriminateGrad(50),
    "conv2dInputGrad, through pool [50,28,28,1]",
    "sigmoidGrad [50,28,28,1]",
    "conv2dInputGrad [50,28,28,25]",
    "saved [25]",
    "saved [25]",
    "batchNormGrad, relu [50,28,28,25]",
    "conv2dInputGrad [50,28,28,50]",
    "slice [50,1,1,25]",
    "conv2dInputGrad [50,1,1,50]",
    "addAt [50,28,28,50]",
    "slice [50,28,1,25]",
    "conv2dInputGrad [50,28,1,50]",
    "addAt [50,28,28,50]",
    "slice [50,1,28,25]",
    "conv2dInputGrad [50,1,28,50]",
    "addAt [50,28,28,50]",
    "saved [50]",
    "saved [50]",
    "batchNormGrad, relu [50,28,28,50]",
    "conv2dInputGrad [50,56,56,1]",
    "saved [1]",
    "saved [1]",
    "batchNormGrad, relu [50,56,56,1]",
    "reshape [50,3136]",
    "matMul [100,3136]",
    "sum [3136]",
    "saved [1]",
    "conv2dFilterGrad [3,3,1,50]",
    "saved [50]",
    "scale [50]",
    "conv2dFilterGrad [1,1,50,25]",
    "mapFilter [3,3,50,25]",
    "conv2dFilterGrad [2,1,50,25]",
    "mapFilter [3,3,50,25]",
    "add [3,3,50,25]",
    "conv2dFilterGrad [1,2,50,25]",
    "mapFilter [3,3,50,25]",
    "add [3,3,50,25]",
    "conv2dFilterGrad [2,2,50,25]",
    "mapFilter [3,3,50,25]",
    "add [3,3,50,25]",
    "saved [25]",
    "scale [25]",
    "conv2dFilterGrad [1,1,25,1]",
    "sum [1]",
  ],
  generate: GENERATE,
  estimate: discriminate(50),
  "the gradients of dLoss": [...GENERATE, ...BOTH_LOSSES, "add []", ...BOTH_GRADIENTS],
};
