// The GAN's own layers, the tutorial's at its defaults (batch 50, zDim 100), as data. NHWC; filters [height, width, in,
// out].
import type { Shape } from "../src/engine/shape.ts";

/** Images in a batch. */
export const BATCH = 50;

/** A convolution, its padding SAME. */
export interface ConvLayer {
  readonly layer: string;
  readonly x: Shape;
  readonly filter: Shape;
  readonly strides: number;
}

/**
 * The five convolutions. G.conv3 and G.conv4 are what compiling makes of a doubled image convolved with stride 2: a
 * convolution of the 28×28 map, 2×2 instead of 3×3, and 1×1.
 */
export const convLayers: readonly ConvLayer[] = [
  { layer: "D.conv1", x: [BATCH, 28, 28, 1], filter: [5, 5, 1, 32], strides: 1 },
  { layer: "D.conv2", x: [BATCH, 14, 14, 32], filter: [5, 5, 32, 64], strides: 1 },
  { layer: "G.conv2", x: [BATCH, 56, 56, 1], filter: [3, 3, 1, 50], strides: 2 },
  { layer: "G.conv3", x: [BATCH, 28, 28, 50], filter: [2, 2, 50, 25], strides: 1 },
  { layer: "G.conv4", x: [BATCH, 28, 28, 25], filter: [1, 1, 25, 1], strides: 1 },
];

/** A fully connected layer: x [BATCH, inputs] · weights [inputs, outputs]. */
export interface DenseLayer {
  readonly layer: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** The three fully connected layers. */
export const denseLayers: readonly DenseLayer[] = [
  { layer: "G.fc", inputs: 100, outputs: 3136 },
  { layer: "D.fc1", inputs: 3136, outputs: 1024 },
  { layer: "D.fc2", inputs: 1024, outputs: 1 },
];

/** An image of feature maps somewhere in the GAN. */
export interface Maps {
  readonly layer: string;
  readonly x: Shape;
}

/** The images that the discriminator pools 2×2, after bias and relu. */
export const pooled: readonly Maps[] = [
  { layer: "D.conv1", x: [BATCH, 28, 28, 32] },
  { layer: "D.conv2", x: [BATCH, 14, 14, 64] },
];

/** The images that the generator normalizes, then passes through relu. */
export const normalized: readonly Maps[] = [
  { layer: "G.bn1", x: [BATCH, 56, 56, 1] },
  { layer: "G.bn2", x: [BATCH, 28, 28, 50] },
  { layer: "G.bn3", x: [BATCH, 28, 28, 25] },
];

/** The generator's images before the sigmoid. */
export const pixels: Maps = { layer: "G.conv4", x: [BATCH, 28, 28, 1] };

/** The discriminator's logits. */
export const logits: Maps = { layer: "D.fc2", x: [BATCH, 1] };

/** The largest variable, d_w3. */
export const largestVariable: Maps = { layer: "d_w3", x: [3136, 1024] };
