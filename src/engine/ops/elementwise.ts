// The common parts of elementwise operations. Each operation is a row of a table in unary.ts or arithmetic.ts, and its
// kernel has its name.
import type { Tensor } from "../graph/tensor.ts";
import {
  lowerBinary,
  lowerUnary,
  lowerUnaryGrad,
  type BinaryKernel,
  type UnaryGradKernel,
  type UnaryKernel,
} from "../lowering/elementwise.ts";
import { broadcastShapes, type Shape } from "../shape.ts";
import { on } from "./cases.ts";
import { pairwiseRows, partOfGradient, type OpDefinition, type Zeros } from "./define-op.ts";
import { sumTo } from "./sum.ts";

/** A function of each element of one tensor. */
export interface UnaryRow {
  readonly name: UnaryKernel;
  readonly zeros: Zeros;
  /** The interval that the tests draw x from. */
  readonly range: readonly [number, number];
  /** Points without a derivative; the tests keep x away from them. Default: none. */
  readonly kinks?: readonly number[];
  /** dx, from dy, x and y. */
  readonly gradient: (dy: Tensor, x: Tensor, y: Tensor) => Tensor;
}

/** y = f(x), element by element. */
export function unary({ name, zeros, range, kinks = [], gradient }: UnaryRow): OpDefinition<object, 1> {
  return {
    name,
    rows: 1,
    zeros,
    shape: ([x]) => x,
    gradient: (dy, [x], _, y) => [gradient(dy, x, y)],
    lower: (emit, y, [x]) => lowerUnary(emit, name, y, x),
    cases: () => [{ ...on([3, 5], {}), range, kinks }],
  };
}

/** The adjoint of a unary operation. */
export interface UnaryGradRow {
  readonly name: UnaryGradKernel;
  readonly zeros: Zeros;
}

/** dx from dy and from what the forward pass kept, x or y, element by element. */
export function unaryGrad({ name, zeros }: UnaryGradRow): OpDefinition<object, 2> {
  return {
    ...partOfGradient(name),
    zeros,
    shape: ([dy]) => dy,
    lower: (emit, dx, [dy, kept]) => lowerUnaryGrad(emit, name, dx, dy, kept),
    cases: () => [on([3, 7], [3, 7], {})],
  };
}

/** A function of each pair of elements of two tensors whose shapes broadcast. */
export interface BinaryRow {
  readonly name: BinaryKernel;
  readonly zeros: Zeros;
  /** The interval that the tests draw a and b from. */
  readonly range: readonly [number, number];
  /**
   * The gradient for each element of y, from dy, a, b and y. It is summed over the axes along which a was broadcast.
   */
  readonly da: PairGradient;
  /** The same for b. */
  readonly db: PairGradient;
}

type PairGradient = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

/** Equal shapes, a missing axis, axes of size 1 in both, and a scalar. */
const PAIRS: readonly [readonly [Shape, Shape], ...(readonly [Shape, Shape])[]] = [
  [[2, 3], [2, 3]],
  [[2, 3, 4], [4]],
  [[2, 1, 3], [4, 1]],
  [[], [3]],
]; // prettier-ignore

/** y = f(a, b), element by element of the broadcast shape. */
export function binary({ name, zeros, range, da, db }: BinaryRow): OpDefinition<object, 2> {
  return {
    name,
    rows: pairwiseRows,
    zeros,
    shape: ([a, b]) => broadcastShapes(name, a, b),
    gradient: (dy, [a, b], _, y) => [sumTo(da(dy, a, b, y), a.shape), sumTo(db(dy, a, b, y), b.shape)],
    lower: (emit, y, [a, b]) => lowerBinary(emit, name, y, a, b),
    cases: () => pairCases(range),
  };
}

/** y = 1 where the comparison holds for a and b, else 0; constant between steps. */
export function comparison(name: BinaryKernel, zeros: Zeros): OpDefinition<object, 2> {
  return {
    name,
    rows: 0,
    zeros,
    constantIn: [0, 1],
    shape: ([a, b]) => broadcastShapes(name, a, b),
    gradient: () => [null, null],
    lower: (emit, y, [a, b]) => lowerBinary(emit, name, y, a, b),
    cases: () => pairCases([-2, 2]),
  };
}

function pairCases(range: readonly [number, number]): ReturnType<OpDefinition<object, 2>["cases"]> {
  const [first, ...others] = PAIRS;
  return [{ ...on(...first, {}), range }, ...others.map((pair) => ({ ...on(...pair, {}), range }))];
}
