import { kernelCalls, type Benchmark } from "../benchmark.ts";
import { optim } from "../../src/index.ts";
import { BATCH, largestVariable } from "../shapes.ts";

const { layer, x: shape } = largestVariable;
const LATENT = [BATCH, 100] as const;
const KEY = [7, 0] as const;

/** What changes variables, and random numbers: kernels that a session calls without an operation. */
export const updates: readonly Benchmark[] = [
  update(optim.adam({ learningRate: 1e-4 })),
  update(optim.sgd({ learningRate: 1e-4 })),
  update(optim.sgd({ learningRate: 1e-4, momentum: 0.9, name: "sgd with momentum" })),
  update(optim.rmsprop({ learningRate: 1e-4 })),
  update(optim.rmsprop({ learningRate: 1e-4, momentum: 0.9, name: "rmsprop with momentum" })),
  kernelCalls({ operation: "truncatedNormal", layer, inputs: [shape] }, (emit) => {
    const y = emit.scratch(shape);
    emit.call("truncatedNormal", [y, ...KEY, 0, 0, 0.02], y.size);
  }),
  kernelCalls({ operation: "normal", layer: "z", inputs: [LATENT] }, (emit) => {
    const y = emit.scratch(LATENT);
    emit.call("normal", [y, ...KEY, 0, 0], y.size);
  }),
];

/** One update of the largest variable, by an optimizer's own kernel call. */
function update(optimizer: ReturnType<(typeof optim)[keyof typeof optim]>): Benchmark {
  return kernelCalls({ operation: optimizer.name, layer, inputs: [shape] }, (emit) => {
    optimizer.emit(emit, {
      variable: emit.scratch(shape),
      gradient: emit.scratch(shape),
      slot: () => emit.scratch(shape),
      scalar: () => emit.floats([1e-4]),
    });
  });
}
