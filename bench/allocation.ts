import type { GanOptions } from "../src/index.ts";
import { countTypedArrays } from "../test/gan/count-typed-arrays.ts";
import { ganIteration } from "./gan-iteration.ts";

/** What training steps allocated on the heap and in WASM beyond the plan. It should be nothing. */
export interface Allocation {
  readonly steps: number;
  /** Typed arrays, views and array buffers that JavaScript made. */
  readonly typedArrays: number;
  /** By how much WASM memories grew. */
  readonly wasmBytes: number;
  /** By how much memoryBytes grew. */
  readonly plannedBytes: number;
}

/** Counts over this number of steps, half of them the discriminator's, after one step of each kind. */
export async function countAllocations(steps: number, options: GanOptions = {}): Promise<Allocation> {
  const memories: WebAssembly.Memory[] = [];
  const { gan, iterate } = await watchingMemories(memories, () => ganIteration(options));
  const wasmBytes = (): number => memories.reduce((bytes, { buffer }) => bytes + buffer.byteLength, 0);
  iterate();
  const before = { wasm: wasmBytes(), planned: gan.memoryBytes };
  const typedArrays = countTypedArrays(() => {
    for (let i = 0; i < steps; i += 2) iterate();
  });
  const after = { wasm: wasmBytes(), planned: gan.memoryBytes };
  gan.dispose();
  return { steps, typedArrays, wasmBytes: after.wasm - before.wasm, plannedBytes: after.planned - before.planned };
}

/** Collects the WASM memories that are made while `make` runs. */
async function watchingMemories<T>(memories: WebAssembly.Memory[], make: () => Promise<T>): Promise<T> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  try {
    return await make();
  } finally {
    WebAssembly.Memory = Memory;
  }
}
