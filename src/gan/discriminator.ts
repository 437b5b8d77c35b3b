import type { Graph } from "../engine/graph/graph.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import type { Reuse } from "../engine/graph/variable-store.ts";
import { truncatedNormal, zeros } from "../engine/nn/index.ts";
import { addBias, avgPool, conv2d, matMul, relu, reshape } from "../engine/ops/index.ts";

/**
 * The tutorial's discriminator: images [batch, 28, 28, 1] → logits [batch, 1]. A logit above 0 means that it takes an
 * image for real. It is built twice, on real images and on the generator's, with one set of variables.
 */
export function discriminator(graph: Graph, images: Tensor, reuse: Reuse = false): Tensor {
  const init = truncatedNormal(0.02);
  return graph.variableScope("", { reuse }, () => {
    // First convolution and pool: 32 features of 5 by 5 pixels.
    const dW1 = graph.getVariable("d_w1", [5, 5, 1, 32], init);
    const dB1 = graph.getVariable("d_b1", [32], zeros());
    let d = addBias(conv2d(images, dW1, { strides: 1, padding: "same" }), dB1);
    d = avgPool(relu(d), { window: 2, strides: 2, padding: "same" });

    // Second convolution and pool: 64 features.
    const dW2 = graph.getVariable("d_w2", [5, 5, 32, 64], init);
    const dB2 = graph.getVariable("d_b2", [64], zeros());
    d = addBias(conv2d(d, dW2, { strides: 1, padding: "same" }), dB2);
    d = avgPool(relu(d), { window: 2, strides: 2, padding: "same" });

    // First fully connected layer.
    const dW3 = graph.getVariable("d_w3", [7 * 7 * 64, 1024], init);
    const dB3 = graph.getVariable("d_b3", [1024], zeros());
    d = reshape(d, [-1, 7 * 7 * 64]);
    d = relu(addBias(matMul(d, dW3), dB3));

    // Second fully connected layer: the logit, without a sigmoid.
    const dW4 = graph.getVariable("d_w4", [1024, 1], init);
    const dB4 = graph.getVariable("d_b4", [1], zeros());
    return addBias(matMul(d, dW4), dB4);
  });
}
