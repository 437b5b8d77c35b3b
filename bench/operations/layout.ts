import { concat, pad, slice, transpose } from "../../src/engine/ops/index.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { largestVariable, pooled } from "../shapes.ts";

const { layer, x } = pooled[1]!;
const [batch, height, width, channels] = x as [number, number, number, number];

/** Operations that only move elements. */
export const layout: readonly Benchmark[] = [
  operation({ operation: "transpose", layer: largestVariable.layer, inputs: [largestVariable.x] }, (x) => transpose(x)),
  operation({ operation: "slice", layer, inputs: [x] }, (x) =>
    slice(x, [0, 1, 1, 0], [batch, height - 2, width - 2, channels]),
  ),
  operation({ operation: "concat", layer, inputs: [x, x] }, (a, b) => concat([a, b], 3)),
  operation({ operation: "pad", layer, inputs: [x] }, (x) =>
    pad(x, [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ]),
  ),
];
