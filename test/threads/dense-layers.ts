// A network of dense layers that runs every product of weights in panels, over several tiles and several blocks of k.
// (The GAN of the other tests is too small for some: few rows are no sparse product.)
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import type { Update } from "../../src/engine/graph/update.ts";
import { normal } from "../../src/engine/nn/index.ts";
import { matMul, mean, relu, square, tanh } from "../../src/engine/ops/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { digestOf } from "../support/digest.ts";
import { randomSource } from "../support/random.ts";

const ROWS = 70;
const WIDTHS = [100, 96, 304, 64] as const;

/** The kernels that it has to run. */
export const PANEL_PRODUCTS: readonly (keyof Kernels)[] = [
  "gemm",
  "gemmPanelsTransposed",
  "compressRows",
  "sparseTimesPanels",
  "sparseTimesPanelsTransposed",
  "transposedTimesSparse",
];

/** The graph, its loss and the update of all weights. */
export interface DenseLayers {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly update: Update;
}

/** tanh(relu(relu(x·w0)·w1)·w2). */
export function denseLayers(): DenseLayers {
  const graph = new Graph();
  const weights = WIDTHS.slice(1).map((width, i) => graph.getVariable(`w${i}`, [WIDTHS[i]!, width], normal(0.1)));
  const x = graph.placeholder("x", [null, WIDTHS[0]]);
  const hidden = weights.slice(0, 2).reduce<Tensor>((below, w) => relu(matMul(below, w)), x);
  const loss = mean(square(tanh(matMul(hidden, weights[2]!))));
  return { graph, loss, update: adam({ learningRate: 0.01 }).minimize(loss, weights) };
}

/** The losses of three steps and the weights after them. */
export function trained(session: Session, { graph, loss, update }: DenseLayers): Record<string, string> {
  const random = randomSource(5);
  const x = Float32Array.from({ length: ROWS * WIDTHS[0] }, () => 2 * random() - 1);
  const losses = [0, 1, 2].map(() => session.run({ loss, update }, { x }).loss);
  const weights = [...graph.variables.keys()].map((name) => [name, digestOf(session.variables.get(name))]);
  return { losses: losses.join(), ...Object.fromEntries(weights) } as Record<string, string>;
}
