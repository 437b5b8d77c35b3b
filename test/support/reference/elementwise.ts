// y and the gradients of operations that look at one element, or at one pair, at a time.
import type { LeakyReluAttributes } from "../../../src/engine/ops/unary.ts";
import { erfc } from "./erf.ts";
import { reference, roundings, UNIT, TINY, type Reference } from "./reference.ts";
import { broadcastOffsets, mapped, zerosOf, type Value } from "./value.ts";

/** f of each element, off by at most this many half ulps. */
function unary(f: (x: number) => number, halfUlps = 0): Reference {
  return {
    values: ([x]) => [mapped(x!, f)],
    ...(halfUlps > 0 && { bounds: (_inputs, _attributes, [y]) => [roundings(y!, halfUlps)] }),
  };
}

/** f of each pair, where shapes broadcast. */
function binary(f: (a: number, b: number) => number, halfUlps = 0): Reference {
  return {
    values: ([a, b], _, shape) => [zipped(f, a!, b!, shape)],
    ...(halfUlps > 0 && { bounds: (_inputs, _attributes, [y]) => [roundings(y!, halfUlps)] }),
  };
}

function zipped(f: (a: number, b: number) => number, a: Value, b: Value, shape: readonly number[]): Value {
  const [fromA, fromB] = [broadcastOffsets(a.shape, shape), broadcastOffsets(b.shape, shape)];
  return mapped(zerosOf(shape), (_, i) => f(a.data[fromA[i]!]!, b.data[fromB[i]!]!));
}

/** A gradient from dy and what was kept; `terms` is the sum of the sizes of all that is rounded on the way. */
function unaryGrad(f: (dy: number, kept: number) => number, terms?: (dy: number, kept: number) => number): Reference {
  return {
    values: ([dy, kept]) => [mapped(dy!, (d, i) => f(d, kept!.data[i]!))],
    ...(terms && {
      bounds: ([dy, kept]) => [dy!.data.map((d, i) => UNIT * Math.abs(terms(d, kept!.data[i]!)) + TINY)],
    }),
  };
}

/** 1 / (1 + e⁻ˣ), for any x. */
export function logistic(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

/** ln(1 + eˣ), for any x. */
export function softPlus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Φ(x): the normal distribution. */
function normal(x: number): number {
  return erfc(-x / Math.SQRT2) / 2;
}

/** φ(x): its density. */
function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** x·Φ(x). The kernel's |x|·Φ(−|x|) is at most 18 roundings off (Φ 16, the product 2), and y is rounded once. */
const gelu: Reference = {
  values: ([x]) => [mapped(x!, (v) => v * normal(v))],
  bounds: ([x], _, [y]) => [
    x!.data.map((v, i) => UNIT * (18 * Math.abs(v) * normal(-Math.abs(v)) + Math.abs(y!.data[i]!)) + TINY),
  ],
};

/**
 * dy·(Φ(x) + x·φ(x)). With a = |x| the kernel's Φ(−a) is at most 18 roundings off and its a·φ(a) at most 10; the slope
 * and the product are rounded once each. Underflow of φ costs a times as much.
 */
const geluGrad: Reference = {
  values: ([dy, x]) => [mapped(dy!, (d, i) => d * geluSlope(x!.data[i]!))],
  bounds: ([dy, x]) => [
    dy!.data.map((d, i) => {
      const [slope, a] = [geluSlope(x!.data[i]!), Math.abs(x!.data[i]!)];
      const terms = 18 * normal(-a) + 10 * a * normalDensity(a) + 2 * Math.abs(slope);
      return Math.abs(d) * (UNIT * terms + TINY * (1 + a)) + TINY;
    }),
  ],
};

function geluSlope(x: number): number {
  return normal(x) + x * normalDensity(x);
}

/** Elementwise operations by name. */
export const elementwise: Readonly<Record<string, Reference>> = {
  neg: unary((x) => -x),
  exp: unary(Math.exp, 4),
  log: unary(Math.log, 4),
  sqrt: unary(Math.sqrt, 1),
  square: unary((x) => x * x, 1),
  abs: unary(Math.abs),
  relu: unary((x) => Math.max(x, 0)),
  sigmoid: unary(logistic, 6),
  tanh: unary(Math.tanh, 4),
  softplus: unary(softPlus, 4),
  gelu,
  geluGrad,
  add: binary((a, b) => a + b, 1),
  sub: binary((a, b) => a - b, 1),
  mul: binary((a, b) => a * b, 1),
  div: binary((a, b) => a / b, 1),
  maximum: binary(Math.max),
  equal: binary((a, b) => Number(a === b)),
  greaterEqual: binary((a, b) => Number(a >= b)),
  absGrad: unaryGrad((dy, x) => dy * Math.sign(x)),
  reluGrad: unaryGrad((dy, y) => (y > 0 ? dy : 0)),
  sigmoidGrad: unaryGrad(
    (dy, y) => dy * y * (1 - y),
    (dy, y) => 3 * dy * y * (1 + Math.abs(y)),
  ),
  tanhGrad: unaryGrad(
    (dy, y) => dy * (1 - y * y),
    (dy, y) => 3 * dy * (1 + y * y),
  ),
  leakyRelu: reference<LeakyReluAttributes>({
    values: ([x], { slope }) => [mapped(x!, (v) => (v > 0 ? v : slope * v))],
    bounds: (_inputs, _attributes, [y]) => [roundings(y!, 2)], // the slope is rounded, and the product
  }),
  leakyReluGrad: reference<LeakyReluAttributes>({
    values: ([dy, x], { slope }) => [mapped(dy!, (d, i) => (x!.data[i]! > 0 ? d : slope * d))],
    bounds: (_inputs, _attributes, [dx]) => [roundings(dx!, 2)],
  }),
  scale: reference<{ readonly factor: number }>({
    values: ([x], { factor }) => [mapped(x!, (v) => factor * v)],
    bounds: (_inputs, _attributes, [y]) => [roundings(y!, 2)],
  }),
  fillLike: reference<{ readonly value: number }>({
    values: ([x], { value }) => [mapped(x!, () => value)],
    bounds: (_inputs, _attributes, [y]) => [roundings(y!, 1)],
  }),
};
