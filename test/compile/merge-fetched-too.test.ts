// Merging two batches changes the order in which a weight's gradient is summed. So the decision to merge must not
// depend on what else is fetched: all gradients have the same bits with and without it.
import { describe, expect, test } from "vitest";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import { rewriteNames, type RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { add, addBias, batchNorm, matMul, neg, relu, slice, tanh } from "../../src/engine/ops/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { bitsOf } from "../support/bits.ts";
import { below, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";
import { model, valuesFor } from "./merge-samples.ts";
import { recurrentNetworks } from "./recurrent-networks.ts";
import { compiled } from "./rewritten.ts";

/** The joins of the other rewrites depend on what is fetched. These tests are not about them. */
const ONLY: RewriteSwitches = Object.fromEntries(rewriteNames.map((name) => [name, name === "mergeBatches"]));
const NONE: RewriteSwitches = { ...ONLY, mergeBatches: false };

type Shapes = Readonly<Record<string, Shape>>;
type Bits = ReadonlyMap<string, Int32Array>;

/** A loss and its gradients in variables. */
interface Trained {
  readonly loss: Tensor;
  readonly gradients: readonly Tensor[];
  readonly batches: Shapes;
}

/** A run of a session on the same values each time. */
class Runs {
  readonly #session: Session;
  readonly #trained: Trained;
  readonly #feeds: Readonly<Record<string, Float32Array>>;

  private constructor(session: Session, trained: Trained) {
    this.#session = session;
    this.#trained = trained;
    this.#feeds = valuesFor(trained.batches);
  }

  static async of(trained: Trained): Promise<Runs> {
    const { graph } = trained.loss;
    const session = await compile(graph, { rewrites: ONLY });
    const values = valuesFor(Object.fromEntries([...graph.variables.values()].map(({ name, shape }) => [name, shape])));
    for (const [name, each] of Object.entries(values)) session.variables.set(name, each);
    return new Runs(session, trained);
  }

  /** The gradients' bits where these tensors are fetched first. */
  bitsBeside(others: readonly Tensor[]): Bits {
    const { gradients } = this.#trained;
    const fetches = Object.fromEntries([...others, ...gradients].map((x, i) => [`${i} ${x.toString()}`, x]));
    const results = Object.entries(this.#session.run(fetches, this.#feeds));
    return new Map(results.slice(others.length).map(([, value], i) => [gradients[i]!.toString(), bitsOf(value)]));
  }
}

/** All tensors that are computed on the way to the loss. */
function between({ loss }: Trained): readonly Tensor[] {
  return inOrder([loss]).filter(({ inputs }) => inputs.length > 0);
}

/** The gradients whose bits change where one of the tensors is fetched too, or all are. */
async function movedBits(trained: Trained): Promise<string[]> {
  const runs = await Runs.of(trained);
  const expected = runs.bitsBeside([]);
  const others = between(trained);
  return [...others.map((x) => [x]), others].flatMap((fetched) =>
    [...runs.bitsBeside(fetched)]
      .filter(([name, bits]) => bits.some((word, i) => word !== expected.get(name)![i]))
      .map(([name]) => `${name} beside ${fetched.join(", ")}`),
  );
}

/** Tells whether the gradients alone are computed on merged batches. */
function isMerged({ gradients, batches, loss }: Trained): boolean {
  const variables = Object.fromEntries([...loss.graph.variables.values()].map(({ name, shape }) => [name, shape]));
  const fed = valuesFor({ ...batches, ...variables });
  const namesOf = (rewrites: RewriteSwitches): string[] =>
    compiled(gradients, fed, rewrites).map(({ operation }) => operation.name);
  return namesOf(ONLY).join() !== namesOf(NONE).join();
}

/** A network of a few layers on a few batches. Its weights are about as large as what merging copies. */
function randomNetwork(seed: number): Trained {
  const random = randomSource(seed);
  const layers = Array.from({ length: 2 + below(random, 5) }, () => below(random, 6));
  const rows = Array.from({ length: 2 + below(random, 3) }, () => 1 + below(random, 4));
  const width = 4 + below(random, 12);
  const batches: Shapes =
    random() < 0.3
      ? { all: [rows.reduce((a, b) => a + b), width] }
      : Object.fromEntries(rows.map((count, i) => [`x${i}`, [count, width]]));
  const weights: Record<string, Shape> = { last: [width, 1] };
  layers.forEach((kind, i) => {
    if (kind < 3) weights[`w${i}`] = [width, width];
    else weights[`b${i}`] = [width];
  });
  const { ys, inputs } = model(batches, weights, (tensors) => {
    const network = (x: Tensor): Tensor =>
      matMul(
        layers.reduce((h, kind, i) => layerOf(kind, h, tensors[`w${i}`] ?? tensors[`b${i}`]!), x),
        tensors.last!,
      );
    const starts = rows.map((_, i) => rows.slice(0, i).reduce((a, b) => a + b, 0));
    return rows.map((count, i) => network(tensors[`x${i}`] ?? slice(tensors.all!, [starts[i]!, 0], [count, width])));
  });
  const loss = ys.map((y, i) => weightedLoss(y, seed + i)).reduce(add);
  const variables = Object.keys(weights).map((name) => inputs[name]!);
  return { loss, gradients: gradients(loss, variables), batches };
}

/** A layer on a bias or a matrix. */
function layerOf(kind: number, x: Tensor, weights: Tensor): Tensor {
  if (kind === 0) return matMul(x, weights);
  if (kind === 1) return tanh(matMul(x, weights));
  if (kind === 2) return add(x, relu(matMul(x, weights)));
  if (kind === 3) return addBias(x, weights);
  if (kind === 4) return batchNorm(x, weights);
  return neg(addBias(tanh(x), weights));
}

test("of 60 random networks no gradient's bits change where another tensor is fetched too", async () => {
  const networks = Array.from({ length: 60 }, (_, seed) => randomNetwork(seed));
  expect(networks.filter(isMerged).length).toBeGreaterThan(20);
  expect(networks.filter((network) => !isMerged(network)).length).toBeGreaterThan(5);
  for (const network of networks) expect(await movedBits(network)).toEqual([]);
});

test.each(Object.entries(recurrentNetworks))("nor do those of %s", async (_, build) => {
  const { graph, loss, roots } = build(5);
  const batches = Object.fromEntries([...graph.placeholders].map(([name, { shape }]) => [name, shape as Shape]));
  const trained = { loss, gradients: roots.slice(1), batches };
  expect(isMerged(trained)).toBe(true);
  expect(await movedBits(trained)).toEqual([]);
});

describe("the tutorial's GAN", () => {
  const { losses, discriminatorVariables } = ganModel(8, recipes.balanced);
  const batches = { images: [3, 28, 28, 1], z: [2, 8] };
  const trained = { loss: losses.dLoss, gradients: gradients(losses.dLoss, discriminatorVariables), batches };

  test("the discriminator is merged", () => {
    expect(isMerged(trained)).toBe(true);
  });

  test("no gradient's bits change where another tensor is fetched too", async () => {
    expect(await movedBits(trained)).toEqual([]);
  });
});

test("what is fetched beside the gradients is merged by itself, and not with them", () => {
  const batches = { a: [2, 24], b: [3, 24], c: [1, 24], d: [2, 24] };
  const { ys, inputs } = model(batches, { w: [24, 80] }, ({ a, b, c, d, w }) =>
    [a!, b!, c!, d!].map((x) => tanh(matMul(x, w!))),
  );
  const loss = add(weightedLoss(ys[0]!), weightedLoss(ys[1]!));
  const fetches = [ys[2]!, ys[3]!, ...gradients(loss, [inputs.w!])];
  const products = compiled(fetches, valuesFor({ ...batches, w: [24, 80] }), ONLY).filter(
    ({ operation, attributes }) => operation.name === "matMul" && !(attributes as { transposeA: boolean }).transposeA,
  );
  expect(products.map(({ shape }) => shape).sort()).toEqual([
    [3, 80],
    [5, 80],
  ]);
});
