import { createHash } from "node:crypto";
import { Graph } from "../../engine/graph/graph.ts";
import type { Tensor } from "../../engine/graph/tensor.ts";
import type { Update } from "../../engine/graph/update.ts";
import { binaryCrossEntropy, convolution, dense, normal, zeros } from "../../engine/nn/index.ts";
import { add, avgPool, batchNorm, relu, reshape, resizeBilinear, sigmoid, tanh } from "../../engine/ops/index.ts";
import { adam } from "../../engine/optim/index.ts";
import { KERNELS_BASE64 } from "../../engine/runtime/kernels.generated.ts";
import { compileKernels, fromBase64, instantiateKernels } from "../../engine/runtime/kernels.ts";
import type { Tiles } from "../../engine/runtime/tiles.ts";
import { Session } from "../../engine/session/session.ts";

/** An odd number, and the smallest batch whose products leave zeros out (skip-zeros.ts). */
const BATCH = 17;

const Z_DIM = 12;

/** The engine optimizes a kernel after its first calls, so the last iterations run the optimized code. */
const ITERATIONS = 4;

const SEED = 7;

/** Random streams for the feeds; any two will do. */
const STREAMS = { images: 1, z: 2 } as const;

/** An empty custom section by the name of "self-test", as it stands in a binary. */
const NAME = new TextEncoder().encode("self-test");
const CUSTOM_SECTION = [0, NAME.length + 1, NAME.length, ...NAME];

/**
 * SHA-256 of the weights and losses of a small GAN after some iterations, in these tiles. It has the layers of the real
 * one, so its steps run the same kernels. It has one layer more, so that its steps run every product with tiles of its
 * own for wide registers. The real one at its smallest has two such products less, and takes five times as long.
 *
 * The engine shares code between modules of equal bytes. An empty section makes these bytes differ, so that the kernels
 * are compiled anew.
 */
export async function kernelDigest(tiles: Tiles): Promise<string> {
  const bytes = Uint8Array.of(...fromBase64(KERNELS_BASE64), ...CUSTOM_SECTION);
  const instance = await instantiateKernels({ module: await compileKernels({ bytes }) });
  const { graph, dLoss, gLoss, dTrainer, gTrainer } = smallGan();
  const session = new Session(graph, instance, { seed: SEED, rewrites: {}, tiles });
  const hash = createHash("sha256");
  for (let step = 0; step < ITERATIONS; step++) {
    const images = session.normal(STREAMS.images, step, BATCH * 16 * 16);
    const z = session.normal(STREAMS.z, step, BATCH * Z_DIM);
    const d = session.run({ dLoss, dTrainer }, { images, z });
    const g = session.run({ gLoss, gTrainer }, { z });
    hash.update(Float32Array.of(Number(d.dLoss), Number(g.gLoss)));
  }
  for (const name of graph.variables.keys()) hash.update(session.variables.get(name));
  session.dispose();
  return hash.digest("hex");
}

interface SmallGan {
  readonly graph: Graph;
  readonly dLoss: Tensor;
  readonly gLoss: Tensor;
  readonly dTrainer: Update;
  readonly gTrainer: Update;
}

function smallGan(): SmallGan {
  const graph = new Graph();
  const real = graph.placeholder("images", [null, 16, 16, 1]);
  const fake = generator(graph.placeholder("z", [null, Z_DIM]));
  const dx = discriminator(real, false);
  const dg = discriminator(fake, true);
  const dLoss = add(binaryCrossEntropy(dx, 1), binaryCrossEntropy(dg, 0));
  const gLoss = binaryCrossEntropy(dg, 1);
  const trainer = (name: string, loss: Tensor): Update =>
    adam({ name, learningRate: 0.01, beta1: 0.5 }).minimize(
      loss,
      [...graph.variables.values()].filter((variable) => variable.name.startsWith(name)),
    );
  return { graph, dLoss, gLoss, dTrainer: trainer("d", dLoss), gTrainer: trainer("g", gLoss) };
}

const INITIAL = { weights: normal(0.1), bias: normal(0.1) };

/** z [batch, 12] → [batch, 16, 16, 1]: a doubling before a 3×3 and before a 1×1 convolution, as in the tutorial's. */
function generator(z: Tensor): Tensor {
  let g = reshape(dense(z, "g1", 32 * 32, INITIAL), [-1, 32, 32, 1]);
  g = relu(normed(g, "g1"));
  g = convolution(g, "g2", 20, { ...INITIAL, window: 3, strides: 2, padding: "same" });
  g = resizeBilinear(relu(normed(g, "g2")), [32, 32]);
  g = convolution(g, "g3", 17, { ...INITIAL, window: 3, strides: 2, padding: "same" });
  g = resizeBilinear(relu(normed(g, "g3")), [32, 32]);
  return sigmoid(convolution(g, "g4", 1, { ...INITIAL, window: 1, strides: 2, padding: "same" }));
}

function normed(x: Tensor, scope: string): Tensor {
  return x.graph.variableScope(scope, {}, () =>
    batchNorm(x, x.graph.getVariable("beta", [x.shape[x.shape.length - 1]!], zeros()), { epsilon: 1e-5 }),
  );
}

/** Images [batch, 16, 16, 1] → logits [batch, 1]: two 5×5 convolutions with pools, three dense layers. */
function discriminator(images: Tensor, reuse: boolean): Tensor {
  return images.graph.variableScope("", { reuse }, () => {
    let d = images;
    for (const [name, channels] of [
      ["d1", 16],
      ["d2", 20],
    ] as const) {
      d = relu(convolution(d, name, channels, { ...INITIAL, window: 5, padding: "same" }));
      d = avgPool(d, { window: 2, strides: 2, padding: "same" });
    }
    d = relu(dense(reshape(d, [-1, 4 * 4 * 20]), "d3", 70, INITIAL));
    // A multiple of 16, so its weights lie in panels, and nothing is 0 behind tanh: its input gradient is a dense
    // product on them.
    d = tanh(dense(d, "d4", 48, INITIAL));
    return dense(d, "d5", 1, INITIAL);
  });
}
