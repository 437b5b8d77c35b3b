import { kernelCalls, type Benchmark } from "../benchmark.ts";
import { BATCH, largestVariable } from "../shapes.ts";

const { layer, x: shape } = largestVariable;
const LATENT = [BATCH, 100] as const;
const KEY = [7, 0] as const;

/** What changes variables, and random numbers: kernels that a session calls without an operation. */
export const updates: readonly Benchmark[] = [
  kernelCalls({ operation: "adam", layer, inputs: [shape] }, (emit) => {
    const [w, m, v, g] = [emit.scratch(shape), emit.scratch(shape), emit.scratch(shape), emit.scratch(shape)] as const;
    emit.call("adam", [w, m, v, g, emit.floats([1e-4]), 0.9, 0.999, 1e-8], w.size);
  }),
  kernelCalls({ operation: "truncatedNormal", layer, inputs: [shape] }, (emit) => {
    const y = emit.scratch(shape);
    emit.call("truncatedNormal", [y, ...KEY, 0, 0, 0.02], y.size);
  }),
  kernelCalls({ operation: "normal", layer: "z", inputs: [LATENT] }, (emit) => {
    const y = emit.scratch(LATENT);
    emit.call("normal", [y, ...KEY, 0, 0], y.size);
  }),
];
