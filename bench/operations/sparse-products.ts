import type { Buffer } from "../../src/engine/program/buffer.ts";
import type { Emitter, Step } from "../../src/engine/program/emitter.ts";
import { emitProduct } from "../../src/engine/lowering/product/product.ts";
import { kernelIn, type Tiles } from "../../src/engine/runtime/tiles.ts";
import { kernelCalls, type Benchmark } from "../benchmark.ts";
import { BATCH } from "../shapes.ts";

/** Of D.fc1. */
const [INPUTS, OUTPUTS] = [3136, 1024];

/**
 * D.fc1 and its gradients where half of the input or of the output gradient is 0, in the tiles of either kind of
 * register. GFLOP/s count the zeros.
 */
export const sparseProducts: readonly Benchmark[] = (["plain", "wide"] as const).flatMap((tiles) =>
  [BATCH, 2 * BATCH].flatMap((images) => [
    forward(images, tiles),
    inputGradient(images, tiles),
    weightGradient(images, tiles),
  ]),
);

function forward(m: number, tiles: Tiles): Benchmark {
  const [n, k] = [OUTPUTS, INPUTS];
  const subject = { layer: `D.fc1 of ${m}`, inputs: [[m, k], [k, n]], flops: 2 * m * n * k }; // prettier-ignore
  return sparse("sparseTimesPanels", tiles, subject, (emit) => {
    const [c, a, weights] = [emit.scratch([m, n]), halfZeros(emit, [m, k]), emit.scratch([k, n], "panels")];
    emitProduct(emit, c, a, weights, { m, n, k, sparse: "a" });
  });
}

function inputGradient(m: number, tiles: Tiles): Benchmark {
  const [n, k] = [INPUTS, OUTPUTS];
  const subject = { layer: `D.fc1 of ${m}, dx`, inputs: [[m, k], [n, k]], flops: 2 * m * n * k }; // prettier-ignore
  return sparse("sparseTimesPanelsTransposed", tiles, subject, (emit) => {
    const [c, a, weights] = [emit.scratch([m, n]), halfZeros(emit, [m, k]), emit.scratch([n, k], "panels")];
    emitProduct(emit, c, a, weights, { m, n, k, transposeB: true, sparse: "a" });
  });
}

function weightGradient(k: number, tiles: Tiles): Benchmark {
  const [m, n] = [INPUTS, OUTPUTS];
  // prettier-ignore
  const subject = { layer: `D.fc1 of ${k}, dWeights`, inputs: [[k, m], [k, n]], flops: 2 * m * n * k };
  return sparse("transposedTimesSparse", tiles, subject, (emit) => {
    const [c, a, b] = [emit.scratch([m, n], "panels"), emit.scratch([k, m]), halfZeros(emit, [k, n])];
    emitProduct(emit, c, a, b, { m, n, k, transposeA: true, sparse: "b" });
  });
}

/** Half of it 0: relu(log(2 u)) of the memory's noise u, which lies between 0 and 1. */
function halfZeros(emit: Emitter, shape: readonly [number, number]): Buffer {
  const [y, log, double, noise] = [emit.scratch(shape), emit.scratch(shape), emit.scratch(shape), emit.scratch(shape)];
  emit.call("scale", [double, noise, 2], y.size);
  emit.call("log", [log, double], y.size);
  emit.call("relu", [y, log], y.size);
  // It stays for the next run.
  for (const kept of [noise, double, log, y]) kept.storage.touch(Infinity);
  return y;
}

function sparse(
  kernel: "sparseTimesPanels" | "sparseTimesPanelsTransposed" | "transposedTimesSparse",
  tiles: Tiles,
  subject: Omit<Parameters<typeof kernelCalls>[0], "operation">,
  emitCalls: (emit: Emitter) => void,
): Benchmark {
  return kernelCalls({ operation: kernelIn(tiles, kernel), ...subject }, (emit) => {
    emitCalls(emit);
    const inTiles = (step: Step): Step => ("tasks" in step ? step : { ...step, kernel: kernelIn(tiles, step.kernel) });
    emit.steps.splice(0, Infinity, ...emit.steps.map(inTiles));
  });
}
