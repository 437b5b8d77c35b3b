// Matrix products, and biases.
import type { MatMulAttributes } from "../../../src/engine/ops/mat-mul.ts";
import type { Shape } from "../../../src/engine/shape.ts";
import { chosen, reference, roundings, sumOfProducts, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";

/** Σₖ a(i,k)·b(k,j). */
function product(a: Value, b: Value, { transposeA, transposeB }: MatMulAttributes, shape: Shape): Value {
  const [m, n] = shape as [number, number];
  const k = inner([a], { transposeA, transposeB });
  const [aRow, aStep] = transposeA ? [1, m] : [k, 1];
  const [bStep, bColumn] = transposeB ? [1, k] : [n, 1];
  const y = zerosOf(shape);
  for (let i = 0; i < m; i++) {
    for (let step = 0; step < k; step++) {
      const left = a.data[i * aRow + step * aStep]!;
      for (let j = 0; j < n; j++) y.data[i * n + j]! += left * b.data[step * bStep + j * bColumn]!;
    }
  }
  return y;
}

/** Length of the summed axis. */
function inner([a]: readonly Value[], { transposeA }: MatMulAttributes): number {
  return a!.shape[transposeA ? 0 : 1]!;
}

/** x + bias of the last axis, then max(·, 0) if asked. */
export function biased(x: Value, bias: Value, relu: boolean): Value {
  const channels = bias.data.length;
  return mapped(x, (value, i) => {
    const sum = value + bias.data[i % channels]!;
    return relu ? Math.max(sum, 0) : sum;
  });
}

const matMul: Reference<MatMulAttributes>["values"] = ([a, b], attributes, shape) => [
  product(a!, b!, attributes, shape),
];

const matMulAdd: Reference<MatMulAttributes>["values"] = ([addend, a, b], attributes, shape) => {
  const y = product(a!, b!, attributes, shape);
  return [mapped(y, (value, i) => addend!.data[i]! + value)];
};

const matMulBias: Reference<MatMulAttributes & Pick<Joined, "relu">>["values"] = ([a, b, bias], attributes, shape) => [
  biased(product(a!, b!, attributes, shape), bias!, attributes.relu === true),
];

/** The additional work of a product. */
interface Joined {
  readonly bias?: true;
  readonly relu?: true;
  readonly accumulate?: true;
}

const plain = reference({ values: matMul, bounds: sumOfProducts(matMul, inner) });

/** An addend is one term more. */
const added = reference({
  values: matMulAdd,
  bounds: sumOfProducts(matMulAdd, ([, a], attributes) => inner([a!], attributes) + 1),
});

/** A bias is one term more. */
const withBias = reference({
  values: matMulBias,
  bounds: sumOfProducts(matMulBias, (inputs, attributes) => inner(inputs, attributes) + 1),
});

/** Products by name. */
export const products: Readonly<Record<string, Reference>> = {
  matMul: chosen(({ bias, accumulate }: Joined) => (accumulate ? added : bias ? withBias : plain)),
  addBias: {
    values: ([x, bias]) => [biased(x!, bias!, false)],
    bounds: (_inputs, _attributes, [y]) => [roundings(y!, 1)],
  },
};
