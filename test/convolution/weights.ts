// Families of filters, of output gradients and of biases.
import { below } from "../support/random.ts";
import { FINITE_IMAGES, gaussian, type Family } from "./images.ts";

/** [height, width, inChannels, outChannels] */
export type FilterShape = readonly [height: number, width: number, inChannels: number, outChannels: number];

export type FilterFamily = (shape: FilterShape, random: () => number) => Float32Array;

function filled(
  shape: FilterShape,
  valueAt: (tap: number, inChannel: number, outChannel: number) => number,
): Float32Array {
  const [height, width, ins, outs] = shape;
  return Float32Array.from({ length: height * width * ins * outs }, (_, i) =>
    valueAt(Math.floor(i / (ins * outs)), Math.floor(i / outs) % ins, i % outs),
  );
}

/** One tap of each pair of channels is not 0: the same tap in all pairs, or another one in some of them. */
const oneTap: FilterFamily = (shape, random) => {
  const chosen = below(random, shape[0] * shape[1]);
  return filled(shape, (tap) => (tap === chosen ? gaussian(random) : 0));
};

const maskedTaps: FilterFamily = (shape, random) => {
  const masked = Array.from({ length: shape[0] * shape[1] }, () => random() < 0.5);
  return filled(shape, (tap) => (masked[tap]! ? 0 : gaussian(random)));
};

const deadChannels: FilterFamily = (shape, random) => {
  const [deadIn, deadOut] = [below(random, shape[2]), below(random, shape[3])];
  return filled(shape, (_, ins, outs) => (ins === deadIn || outs === deadOut ? 0 : gaussian(random)));
};

export const FILTERS: Readonly<Record<string, FilterFamily>> = {
  gaussian: (shape, random) => filled(shape, () => gaussian(random)),
  positive: (shape, random) => filled(shape, random),
  "90 % zeros": (shape, random) => filled(shape, () => (random() < 0.1 ? gaussian(random) : 0)),
  "masked taps": maskedTaps,
  "dead channels": deadChannels,
  "one tap": oneTap,
  "magnitudes 1e-8 … 1": (shape, random) => filled(shape, () => gaussian(random) * 10 ** (-8 * random())),
  constant: (shape) => filled(shape, () => 0.1),
};

const deadOutputs: Family = (shape, random) => {
  const dead = Array.from({ length: shape[3] }, () => random() < 0.3);
  return FINITE_IMAGES.gaussian!(shape, random).map((value, i) => (dead[i % shape[3]]! ? 0 : value));
};

/** Each unit passes its gradient on, or blocks it. */
const masked: Family = (shape, random) =>
  FINITE_IMAGES.gaussian!(shape, random).map((value) => (random() < 0.5 ? 0 : value));

/** Families of output gradients. */
export const GRADIENTS: Readonly<Record<string, Family>> = {
  ...chosenImages(["gaussian", "positive", "constant", "all zero", "one bright pixel", "sparse 1 %", "sparse 10 %"]),
  ...chosenImages(["left half 1e-6", "left half 1e-12", "top half 1e-3", "left half 0", "stroke", "outlier"]),
  masked,
  "dead channels": deadOutputs,
};

/** Families of tensors that are added to a convolution's outputs. */
export const SKIPS: Readonly<Record<string, Family>> = chosenImages([
  "all zero",
  "sparse 10 %",
  "stroke",
  "left half 0",
  "gaussian",
  "tiny 1e-30",
]);

function chosenImages(names: readonly string[]): Record<string, Family> {
  return Object.fromEntries(names.map((name) => [name, FINITE_IMAGES[name]!]));
}

/** One number for each channel. */
export const BIASES: Readonly<Record<string, (channels: number, random: () => number) => Float32Array>> = {
  zero: (channels) => new Float32Array(channels),
  tiny: (channels, random) =>
    Float32Array.from({ length: channels }, () => (random() < 0.5 ? -1 : 1) * 10 ** (-2 - 2 * random())),
};
