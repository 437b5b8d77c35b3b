// The places where two batches are run as one, and where they must not be: nodes, one by one. rewrites.test.ts proves
// what the nodes compute, together with the other rewrites.
import { beforeAll, describe, expect, test } from "vitest";
import { rewriteNames, type RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Placeholder, Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import {
  abs,
  add,
  avgPool,
  batchNorm,
  conv2d,
  exp,
  leakyRelu,
  log,
  matMul,
  maxPool,
  neg,
  relu,
  reshape,
  resizeBilinear,
  sigmoid,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
} from "../../src/engine/ops/index.ts";
import type { SliceAttributes } from "../../src/engine/ops/slice.ts";
import { sizeOf, type Shape } from "../../src/engine/shape.ts";
import { bitsOf } from "../support/bits.ts";
import { KernelProof } from "../support/kernel-proof.ts";
import { operationText } from "../support/operation-text.ts";
import { weightedLoss } from "../support/weighted-loss.ts";
import { IMAGES, model, ROWS, SMALL, small, valuesFor } from "./merge-samples.ts";
import { compiled, largestDifference } from "./rewritten.ts";

const OFF = { mergeBatches: false };
const NONE = Object.fromEntries(rewriteNames.map((name) => [name, false])) as RewriteSwitches;
const ONLY = { ...NONE, mergeBatches: true };

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

/** Values for all placeholders and all variables. */
function fedTo({ graph }: Tensor, batches: Readonly<Record<string, Shape>>): Readonly<Record<string, Float32Array>> {
  return valuesFor({ ...batches, ...Object.fromEntries([...graph.variables.values()].map((v) => [v.name, v.shape])) });
}

/** The compiled nodes, as "operation[shape] attributes (inputs)". */
function listing(
  roots: readonly Tensor[],
  batches: Readonly<Record<string, Shape>>,
  rewrites: RewriteSwitches,
): string[] {
  const nodes = compiled(roots, fedTo(roots[0]!, batches), rewrites);
  return nodes.map(({ operation, shape, attributes, inputs }) => {
    const places = inputs.map((x) => nodes.indexOf(x));
    return `${operation.name}[${shape.join()}] ${JSON.stringify(attributes)} (${places.join()})`;
  });
}

/** The operations of the compiled nodes, without sources. */
function operations(
  roots: readonly Tensor[],
  batches: Readonly<Record<string, Shape>>,
  rewrites: RewriteSwitches = ONLY,
): string[] {
  return compiled(roots, fedTo(roots[0]!, batches), rewrites)
    .filter(({ inputs }) => inputs.length > 0)
    .map(operationText);
}

function count(names: readonly string[], name: string): number {
  return names.filter((each) => each === name).length;
}

describe("a chain", () => {
  test("begins with one concat and ends with slices", () => {
    const { ys } = model(IMAGES, SMALL, (inputs) => [small(inputs.a!, inputs), small(inputs.b!, inputs)]);
    const chain = ["concat", "conv2d", "addBias", "relu", "avgPool", "reshape", "matMul", "addBias", "relu", "matMul"];
    expect(operations(ys, IMAGES)).toEqual([...chain, "slice", "slice"]);
    expect(operations(ys, IMAGES, {})).toEqual(
      // prettier-ignore
      ["concat", "conv2d, bias, relu, pool", "reshape", "matMul, bias, relu", "matMul", "slice", "slice"],
    );
  });

  test.each([
    ["abs", abs],
    ["exp", exp],
    ["leakyRelu", leakyRelu],
    ["log", (x) => log(softplus(x))],
    ["maxPool", maxPool],
    ["avgPool", avgPool],
    ["neg", neg],
    ["relu", relu],
    ["resizeBilinear", (x) => resizeBilinear(x, [3, 4])],
    ["sigmoid", sigmoid],
    ["softplus", softplus],
    ["sqrt", (x) => sqrt(softplus(x))],
    ["square", square],
    ["tanh", tanh],
    ["sub", (x) => sub(x, tanh(x))],
    ["reshape", (x) => reshape(x, [-1, 2, 72])],
    ["slice", (x) => slice(x, [0, 1, 2, 0], [-1, 4, 3, 4])],
  ] as const satisfies readonly (readonly [string, (x: Tensor) => Tensor])[])("goes on through %s", (name, op) => {
    const weights = { filter: [3, 3, 2, 4], dense: [sizeOf(op(imagesOf([1, 6, 6, 4])).shape as Shape), 40] };
    const { ys, inputs } = model(IMAGES, weights, ({ a, b, filter, dense }) =>
      [a!, b!].map((x) => matMul(reshape(op(conv2d(x, filter!)), [-1, weights.dense[0]!]), dense!)),
    );
    const loss = ys.map((y, i) => weightedLoss(y, i)).reduce(add);
    const roots = [...ys, ...gradients(loss, Object.values(inputs))];
    const before = count(operations(ys, IMAGES, NONE), name);
    expect(count(operations(ys, IMAGES), name)).toBe(name === "slice" ? 3 : before / 2);
    expect(count(operations(ys, IMAGES), "concat")).toBe(1);
    const fed = fedTo(loss, IMAGES);
    expect(largestDifference(roots, fed, OFF, {})).toBeLessThan(1e-12);
    expect(proof.check(name, roots, fed).compared).toBeGreaterThan(1000);
  });

  test("stops where rows mix, and begins again after it", () => {
    const weights = { w: [24, 80], beta: [80], v: [80, 90] };
    const { ys } = model(ROWS, weights, ({ a, b, w, beta, v }) =>
      [a!, b!].map((x) => matMul(relu(batchNorm(matMul(x, w!), beta!)), v!)),
    );
    const normed = ["slice", "batchNorm", "relu"];
    expect(operations(ys, ROWS)).toEqual([
      ...["concat", "matMul", ...normed, ...normed],
      ...["concat", "matMul", "slice", "slice"],
    ]);
  });

  test("stops where a reshape mixes rows, and where the two are reshaped otherwise", () => {
    const { ys } = model({ a: [2, 24], b: [4, 24] }, { w: [24, 80] }, ({ a, b, w }) => {
      const [p, q] = [matMul(a!, w!), matMul(b!, w!)];
      return [reshape(p, [4, 40]), reshape(q, [8, 40]), reshape(p, [2, 8, 10]), reshape(q, [4, 10, 8])];
    });
    expect(count(operations(ys, { a: [2, 24], b: [4, 24] }), "reshape")).toBe(4);
  });

  test("stops where the two are not treated alike", () => {
    const { ys } = model(ROWS, { w: [24, 80], v: [80, 80], u: [80, 80] }, ({ a, b, w, u, v }) => {
      const [p, q] = [matMul(a!, w!), matMul(b!, w!)];
      return [leakyRelu(p), leakyRelu(q, { slope: 0.5 }), matMul(tanh(p), u!), matMul(tanh(q), v!), add(p, p), neg(q)];
    });
    const names = operations(ys, ROWS);
    expect(["leakyRelu", "tanh", "matMul", "add", "neg"].map((name) => count(names, name))).toEqual([2, 1, 3, 1, 1]);
  });

  test("follows whichever of the two is read first", () => {
    const { ys } = model(ROWS, { w: [24, 80] }, ({ a, b, w }) => {
      const [p, q] = [matMul(a!, w!), matMul(b!, w!)];
      return [p, tanh(q), tanh(p)];
    });
    expect(operations(ys, ROWS)).toEqual(["concat", "matMul", "slice", "tanh", "slice", "slice"]);
  });

  test("joins any number of batches, each copied once", () => {
    const batches = { a: [2, 24], b: [3, 24], c: [1, 24], d: [4, 24] };
    const { ys } = model(batches, { w: [24, 80], v: [80, 80] }, ({ a, b, c, d, w, v }) =>
      [a!, b!, c!, d!].map((x) => matMul(relu(matMul(x, w!)), v!)),
    );
    expect(operations(ys, batches)).toEqual(["concat", "matMul", "relu", "matMul", ...Array<string>(4).fill("slice")]);
    const nodes = compiled(ys, fedTo(ys[0]!, batches), ONLY);
    const concat = nodes.find(({ operation }) => operation.name === "concat")!;
    expect(concat.inputs.map(({ attributes }) => (attributes as { name: string }).name)).toEqual(["a", "b", "c", "d"]);
    const starts = nodes.slice(-4).map(({ attributes }) => (attributes as SliceAttributes).begin[0]);
    expect(starts).toEqual([0, 2, 5, 6]);
  });

  test("is cut from the images themselves where they are neighbours", () => {
    const { ys } = model({ all: [5, 24] }, { w: [24, 80] }, ({ all, w }) => {
      return [matMul(slice(all!, [0, 0], [2, 24]), w!), matMul(slice(all!, [2, 0], [3, 24]), w!)];
    });
    expect(operations(ys, { all: [5, 24] })).toEqual(["matMul", "slice", "slice"]);
  });

  test("leaves the bits of what it computes, for a row's numbers do not depend on the others", () => {
    const { ys } = model(IMAGES, SMALL, (inputs) => [small(inputs.a!, inputs), small(inputs.b!, inputs)]);
    const fed = fedTo(ys[0]!, IMAGES);
    const [on, off] = [{}, OFF].map((switches) => proof.check("bits", ys, fed, switches).roots.map(bitsOf));
    expect(on).toEqual(off);
  });

  test("through a resize that collapses is one as well", () => {
    const weights = { filter: [3, 3, 2, 4], second: [3, 3, 4, 2], dense: [18, 300] };
    const { ys } = model(IMAGES, weights, ({ a, b, filter, second, dense }) =>
      [a!, b!].map((x) => {
        const large = resizeBilinear(tanh(conv2d(x, filter!, { strides: 2 })), [6, 6]);
        return matMul(reshape(conv2d(large, second!, { strides: 2 }), [-1, 18]), dense!);
      }),
    );
    const names = operations(ys, IMAGES, {});
    expect(["conv2d", "addAt", "matMul", "mapFilter"].map((name) => count(names, name))).toEqual([5, 3, 1, 4]);
    expect(largestDifference(ys, fedTo(ys[0]!, IMAGES), OFF, {})).toBeLessThan(1e-12);
  });
});

function imagesOf(shape: Shape): Tensor {
  return new Graph().placeholder("x", shape);
}

describe("losses", () => {
  const weights = { w: [24, 80], v: [80, 80] };
  const losses = (): { readonly p: Tensor; readonly q: Tensor; readonly inputs: Readonly<Record<string, Tensor>> } => {
    const { ys, inputs } = model(ROWS, weights, ({ a, b, w, v }) =>
      [a!, b!].map((x) => weightedLoss(matMul(relu(matMul(x, w!)), v!))),
    );
    return { p: ys[0]!, q: ys[1]!, inputs };
  };
  const merged = (roots: readonly Tensor[]): number => count(operations(roots, ROWS), "concat");
  const variables = ({ w, v }: Readonly<Record<string, Tensor>>): Variable[] => [w, v] as Variable[];

  test("of which no gradient is asked for merge", () => {
    const { p, q } = losses();
    expect(merged([p, q])).toBe(1);
  });

  test("whose sum is differentiated merge, forward and backward", () => {
    const { p, q, inputs } = losses();
    const roots = [p, q, ...gradients(add(p, q), variables(inputs))];
    expect(merged(roots)).toBe(1);
    expect(count(operations(roots, ROWS), "matMul")).toBe(5);
    expect(count(operations(roots, ROWS, NONE), "matMul")).toBe(10);
  });

  test("that are differentiated each by itself stay apart", () => {
    const { p, q, inputs } = losses();
    const roots = [p, q, ...gradients(p, variables(inputs)), ...gradients(q, variables(inputs))];
    expect(listing(roots, ROWS, ONLY)).toEqual(listing(roots, ROWS, NONE));
  });

  test("of which one is differentiated stay apart", () => {
    const { p, q, inputs } = losses();
    const roots = [p, ...gradients(q, variables(inputs))];
    expect(listing(roots, ROWS, ONLY)).toEqual(listing(roots, ROWS, NONE));
  });

  test("whose gradient goes on into one batch only merge after the layer that would pass it on", () => {
    const { p, q, inputs } = losses();
    const roots = gradients(add(p, q), [...variables(inputs), inputs.a as Placeholder]);
    const names = operations(roots, ROWS);
    expect(merged(roots)).toBe(1);
    // Products: forward 2 + 1, backward into the weights 2 + 1, into the hidden layer 1, into a 1.
    expect(count(names, "matMul")).toBe(8);
    expect(largestDifference(roots, fedTo(p, ROWS), OFF, {})).toBeLessThan(1e-12);
  });
});

describe("the tutorial's GAN", () => {
  const { losses, trainers, discriminatorVariables } = ganModel(8, recipes.balanced);
  const { dLossReal, dLossFake, gLoss } = losses;
  const batches = { images: [3, 28, 28, 1], z: [2, 8] };
  const stepOf = (fetches: readonly Tensor[], names: readonly (keyof typeof trainers)[]): readonly Tensor[] =>
    [...fetches, ...names.flatMap((name) => trainers[name].gradients)]; // prettier-ignore

  test("the discriminator's step runs it once on both batches", () => {
    const step = stepOf([dLossReal, dLossFake], ["dTrainer"]);
    const nodes = compiled(step, fedTo(dLossReal, batches), {});
    const named = (...names: string[]): Shape[] =>
      nodes.filter((node) => names.includes(operationText(node))).map(({ shape }) => shape as Shape);
    expect(named("conv2dFilterGrad, accumulate", "matMul, accumulate")).toEqual([]);
    expect(named("concat")).toEqual([[5, 28, 28, 1]]);
    expect(named("conv2d, bias, relu, pool").map(([batch]) => batch)).toEqual([5, 5]);
    expect(named("conv2dFilterGrad, through pool")).toEqual([
      [5, 5, 1, 32],
      [5, 5, 32, 64],
    ]);
    expect(named("pad")).toEqual([[5, 1]]);
    // Besides the logits, only what collapseResize cuts from the generator's two images.
    expect(named("slice").filter(({ length }) => length === 2)).toEqual([
      [3, 1],
      [2, 1],
    ]);
    const pairs = named("slice").filter(({ length }) => length !== 2);
    expect(pairs.map(([batch]) => batch)).toEqual([2, 2, 2]);
  });

  test.each([
    ["pre-training", stepOf([dLossReal, dLossFake], ["dTrainerReal", "dTrainerFake"])],
    ["the generator's step", stepOf([gLoss], ["gTrainer"])],
    ["the gradients of dLossReal", gradients(dLossReal, discriminatorVariables)],
    ["the gradients of dLossFake", gradients(dLossFake, discriminatorVariables)],
  ] as const)("%s is the same, node for node", (_, roots) => {
    expect(listing(roots, batches, {})).toEqual(listing(roots, batches, OFF));
  });
});
