import type { Graph } from "../engine/graph/graph.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import type { Reuse } from "../engine/graph/variable-store.ts";
import { truncatedNormal, zeros } from "../engine/nn/index.ts";
import { addBias, batchNorm, conv2d, matMul, relu, reshape, resizeBilinear, sigmoid } from "../engine/ops/index.ts";

/**
 * The tutorial's generator: latent vectors z [batch, zDim] → images [batch, 28, 28, 1] in (0, 1). It is built twice, to
 * train and to sample, on one set of variables.
 */
export function generator(graph: Graph, z: Tensor, zDim: number, reuse: Reuse = false): Tensor {
  const init = truncatedNormal(0.02);
  return graph.variableScope("", { reuse }, () => {
    // From zDim numbers to an image of 56 by 56 pixels.
    const gW1 = graph.getVariable("g_w1", [zDim, 3136], init);
    const gB1 = graph.getVariable("g_b1", [3136], init);
    let g = addBias(matMul(z, gW1), gB1);
    g = reshape(g, [-1, 56, 56, 1]);
    g = relu(norm(graph, g, "bn1"));

    // 50 feature maps (for zDim 100), brought back to 56 by 56.
    const gW2 = graph.getVariable("g_w2", [3, 3, 1, zDim / 2], init);
    const gB2 = graph.getVariable("g_b2", [zDim / 2], init);
    g = addBias(conv2d(g, gW2, { strides: 2, padding: "same" }), gB2);
    g = relu(norm(graph, g, "bn2"));
    g = resizeBilinear(g, [56, 56]);

    // 25 feature maps.
    const gW3 = graph.getVariable("g_w3", [3, 3, zDim / 2, zDim / 4], init);
    const gB3 = graph.getVariable("g_b3", [zDim / 4], init);
    g = addBias(conv2d(g, gW3, { strides: 2, padding: "same" }), gB3);
    g = relu(norm(graph, g, "bn3"));
    g = resizeBilinear(g, [56, 56]);

    // One image, its pixels squeezed between 0 and 1.
    const gW4 = graph.getVariable("g_w4", [1, 1, zDim / 4, 1], init);
    const gB4 = graph.getVariable("g_b4", [1], init);
    g = addBias(conv2d(g, gW4, { strides: 2, padding: "same" }), gB4);
    return sigmoid(g);
  });
}

/** Batch norm with an offset of its own, under `scope`, and the statistics of the batch at hand. */
function norm(graph: Graph, x: Tensor, scope: string): Tensor {
  return graph.variableScope(scope, {}, () => {
    const channels = x.shape[x.shape.length - 1]!;
    return batchNorm(x, graph.getVariable("beta", [channels], zeros()), { epsilon: 1e-5 });
  });
}
