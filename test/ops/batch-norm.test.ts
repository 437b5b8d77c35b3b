// Batch norm of numbers that hardly differ: the whole operation, alone and with relu, and its gradients.
import { beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { batchNorm, relu } from "../../src/engine/ops/index.ts";
import { bitsOf } from "../support/bits.ts";
import { KernelProof, type Fed } from "../support/kernel-proof.ts";
import { apartValues, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

const forms = [
  ["alone", (x: Tensor, beta: Tensor) => batchNorm(x, beta)],
  ["with relu", (x: Tensor, beta: Tensor) => relu(batchNorm(x, beta))],
] as const;

/** y, dx and dBeta; the proof holds each operation to its bound. */
function normed(form: (typeof forms)[number][1], shape: readonly number[], fed: Fed): readonly Float32Array[] {
  const graph = new Graph();
  const [x, beta] = [graph.placeholder("x", shape), graph.placeholder("beta", [shape.at(-1)!])];
  const y = form(x, beta);
  return proof.check(`[${shape.join()}]`, [y, ...gradients(weightedLoss(y), [x, beta])], fed).roots;
}

const CONSTANTS = [100.1, 20000.3, -20000.3, 1e-30, 3e30, 0.1, -1e-3].map(Math.fround);
const BETAS = [0.3, -0.2, 1e-8, 0, -5.1, 700.7, 0.1].map(Math.fround);

describe.each(forms)("%s", (name, form) => {
  test.each([
    [1, 7],
    [5, 7],
    [2, 13, 11, 7],
    [3, 28, 28, 7],
    [4_099, 7],
  ])("constant channels of [%i,%i,…] become beta, and their gradient is dy without its mean", (...shape) => {
    const channels = 7;
    const rows = shape.reduce((a, b) => a * b) / channels;
    const x = Float32Array.from({ length: rows * channels }, (_, i) => CONSTANTS[i % channels]!);
    const [y, dx] = normed(form, shape, { x, beta: Float32Array.from(BETAS) });
    const wanted = BETAS.map((beta) => (name === "alone" ? beta : Math.max(beta, 0)));
    expect(bitsOf(y!)).toEqual(bitsOf(Float32Array.from(y!, (_, i) => wanted[i % channels]!)));
    for (let c = 0; c < channels; c++) {
      const column = [...dx!].filter((_, i) => i % channels === c);
      const [sum, size] = [column.reduce((a, b) => a + b, 0), column.reduce((a, b) => a + Math.abs(b), 0)];
      expect(Math.abs(sum)).toBeLessThanOrEqual(1e-5 * size);
      expect(size > 0).toBe(rows > 1 && (name === "alone" || BETAS[c]! > 0));
    }
  });

  test.each([1e4, -3e5])("numbers around %i are within the bound, which their size enters twice", (offset) => {
    const shape = [13, 12, 11, 5];
    const noise = apartValues(randomSource(3), 13 * 12 * 11 * 5, [-1, 1]);
    const x = noise.map((value) => value + offset);
    const beta = apartValues(randomSource(4), 5, [-1, 1]);
    const [y] = normed(form, shape, { x, beta });
    expect(y!.some((value) => value > 1)).toBe(true);
  });
});
