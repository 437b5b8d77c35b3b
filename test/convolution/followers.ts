// The operations that may follow a convolution: in the engine's operations, and in float64 with bounds.
//
//   z = conv2d(x, filter)   u = z, z + bias or z + bias + skip   v = kink(u), at u = rival   out = v or avgPool(v)
//
// The slope jumps at a kink, and so does a gradient. The right slope is known wherever u is further from the rival than
// u's own bound. It is also known wherever u must be exact, because its window's products are all 0. There the float64
// value decides. Only in between an algorithm may come out on either side. Then the test reads the algorithm's own u,
// and the gradient must be the one that belongs to that side. So a gradient has no slack: it is held to the bound of
// its own terms, one by one.
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { abs, add, addBias, avgPool, conv2d, leakyRelu, maximum, relu } from "../../src/engine/ops/index.ts";
import { ROUNDING, type Bounded } from "./bounds.ts";
import type { ImageShape } from "./images.ts";

export type Kink = "none" | "leakyRelu" | "relu" | "abs" | "maximum";

/** An operation, or several, on a convolution's result. */
export interface Follower {
  readonly name: string;
  readonly kink: Kink;
  readonly bias: boolean;
  readonly skip: boolean;
  /** The operand of maximum: one number a channel, or another convolution of x. */
  readonly rival: "none" | "floor" | "convolution";
  readonly pool: boolean;
}

function follower(name: string, kink: Kink, more: Partial<Follower> = {}): Follower {
  return { name, kink, bias: false, skip: false, rival: "none", pool: false, ...more };
}

export const FOLLOWERS: readonly Follower[] = [
  follower("conv2d", "none"),
  follower("conv2d + bias", "none", { bias: true }),
  follower("leakyRelu(conv2d)", "leakyRelu"),
  follower("leakyRelu(conv2d + bias)", "leakyRelu", { bias: true }),
  follower("relu(conv2d)", "relu"),
  follower("relu(conv2d + bias)", "relu", { bias: true }),
  follower("relu(conv2d + bias + skip)", "relu", { bias: true, skip: true }),
  follower("abs(conv2d)", "abs"),
  follower("abs(conv2d + bias)", "abs", { bias: true }),
  follower("maximum(conv2d, floor)", "maximum", { rival: "floor" }),
  follower("maximum(conv2d + bias, floor)", "maximum", { bias: true, rival: "floor" }),
  follower("maximum(conv2d, conv2d)", "maximum", { rival: "convolution" }),
  follower("avgPool(relu(conv2d))", "relu", { pool: true }),
  follower("avgPool(relu(conv2d + bias))", "relu", { bias: true, pool: true }),
];

/** The slope left of leakyRelu's kink. */
const SLOPE: number = Math.fround(0.2);

/** Tensors that the chain begins with; those that it does not use are undefined. */
export interface Inputs {
  readonly x: Tensor;
  readonly filter: Tensor;
  readonly bias: Tensor | undefined;
  readonly skip: Tensor | undefined;
  readonly floor: Tensor | undefined;
  readonly otherFilter: Tensor | undefined;
}

/** The chain, and its tensors in between: z and u, and the other convolution. */
export interface Chain {
  readonly out: Tensor;
  readonly u: Tensor;
  readonly inside: readonly Tensor[];
}

/** The chain in the engine's operations. */
export function chainOf({ kink, pool }: Follower, inputs: Inputs, padding: "same" | "valid"): Chain {
  const { x, filter, bias, skip, floor, otherFilter } = inputs;
  const z = conv2d(x, filter, { padding });
  const biased = bias === undefined ? z : addBias(z, bias);
  const u = skip === undefined ? biased : add(biased, skip);
  const rival = otherFilter === undefined ? floor : conv2d(x, otherFilter, { padding });
  const v = kinked(kink, u, rival);
  const inside = new Set([u, z, biased, ...(otherFilter === undefined ? [] : [rival!])]);
  return { out: pool ? avgPool(v) : v, u, inside: [...inside] };
}

function kinked(kink: Kink, u: Tensor, rival: Tensor | undefined): Tensor {
  if (kink === "leakyRelu") return leakyRelu(u, { slope: 0.2 });
  if (kink === "relu") return relu(u);
  if (kink === "abs") return abs(u);
  return kink === "maximum" ? maximum(u, rival!) : u;
}

/** The rounded sum of numbers with a bound and float32 numbers. It is exact where the bound was 0. */
export function plus({ values, bounds }: Bounded, addend: (i: number) => number): Bounded {
  const sums = values.map((value, i) => (bounds[i] === 0 ? Math.fround(value + addend(i)) : value + addend(i)));
  return { values: sums, bounds: bounds.map((bound, i) => withRounding(bound, sums[i]!)) };
}

/** A bound after one more rounding of a number near this one. An exact number is rounded already. */
function withRounding(bound: number, value: number): number {
  return bound === 0 ? 0 : bound + ROUNDING * (Math.abs(value) + bound);
}

/** v and its bounds. */
export function kinkedValues(kink: Kink, u: Bounded, rival: Bounded): Bounded {
  const values = u.values.map((value, i) => valueOf(kink, value, rival.values[i]!, u.bounds[i] === 0));
  const bounds = values.map((value, i) => {
    const [own, other] = [u.bounds[i]!, rival.bounds[i]!];
    if (!isDecided(u, rival, i)) return Math.max(own, other);
    const slope = Math.abs(slopeOf(kink, u.values[i]!, rival.values[i]!));
    if (kink === "maximum") return slope === 1 ? own : other;
    return kink === "leakyRelu" ? withRounding(slope * own, value) : slope * own;
  });
  return { values, bounds };
}

function valueOf(kink: Kink, u: number, rival: number, exact: boolean): number {
  if (kink === "leakyRelu" && u <= 0) return exact ? Math.fround(u * SLOPE) : u * SLOPE;
  if (kink === "relu") return Math.max(u, 0);
  if (kink === "abs") return Math.abs(u);
  return kink === "maximum" ? Math.max(u, rival) : u;
}

/** dv/du. */
function slopeOf(kink: Kink, u: number, rival: number): number {
  if (kink === "leakyRelu") return u > 0 ? 1 : SLOPE;
  if (kink === "relu") return u > 0 ? 1 : 0;
  if (kink === "abs") return Math.sign(u);
  return kink === "maximum" ? Number(u >= rival) : 1;
}

/** Tells whether the side of the kink is known: the error is 0, or smaller than the distance to the kink. */
function isDecided(u: Bounded, rival: Bounded, i: number): boolean {
  const bound = u.bounds[i]! + rival.bounds[i]!;
  return bound === 0 || Math.abs(u.values[i]! - rival.values[i]!) > bound;
}

/** dv/du of each element. Where the side is not known, the engine's own u decides. */
export function slopesOf(
  kink: Kink,
  u: Bounded,
  rival: Bounded,
  has: { readonly u: ArrayLike<number>; readonly rival: ArrayLike<number> },
): Float64Array {
  return u.values.map((value, i) =>
    isDecided(u, rival, i) ? slopeOf(kink, value, rival.values[i]!) : slopeOf(kink, has.u[i]!, has.rival[i]!),
  );
}

/** The mean over windows of 2×2. At an odd border it is the mean of the elements inside. */
export function pooled(v: Bounded, shape: ImageShape): Bounded {
  const size = pooledSize(shape);
  const [values, bounds, sizes] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  forEachPooled(shape, (from, to, share) => {
    values[to]! += share * v.values[from]!;
    sizes[to]! += share * Math.abs(v.values[from]!);
    bounds[to]! += share * v.bounds[from]!;
  });
  // Three additions.
  return { values, bounds: bounds.map((bound, i) => bound + 3 * ROUNDING * (sizes[i]! + bound)) };
}

/** Its adjoint: each window's gradient in equal parts. The parts are halves and quarters, so nothing rounds. */
export function spread(dOut: Float32Array, shape: ImageShape): Float64Array {
  const [batch, height, width, channels] = shape;
  const dv = new Float64Array(batch * height * width * channels);
  forEachPooled(shape, (from, to, share) => {
    dv[from] = share * dOut[to]!;
  });
  return dv;
}

function pooledSize([batch, height, width, channels]: ImageShape): number {
  return batch * Math.ceil(height / 2) * Math.ceil(width / 2) * channels;
}

function forEachPooled(shape: ImageShape, visit: (from: number, to: number, share: number) => void): void {
  const [batch, height, width, channels] = shape;
  const [down, across] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  for (let i = 0; i < batch * height * width * channels; i++) {
    const [channel, pixel] = [i % channels, Math.floor(i / channels)];
    const [column, row] = [pixel % width, Math.floor(pixel / width) % height];
    const image = Math.floor(pixel / (width * height));
    const [y, x] = [row >> 1, column >> 1];
    const inside = Math.min(2, height - 2 * y) * Math.min(2, width - 2 * x);
    visit(i, ((image * down + y) * across + x) * channels + channel, 1 / inside);
  }
}
