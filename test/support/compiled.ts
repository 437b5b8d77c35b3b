// Compiles runs without a memory, and describes what their programs do.
import { compileProgram } from "../../src/engine/compile/compile-program.ts";
import type { LayoutOf } from "../../src/engine/compile/lower.ts";
import { Tensor } from "../../src/engine/graph/tensor.ts";
import { Update } from "../../src/engine/graph/update.ts";
import { Buffer } from "../../src/engine/program/buffer.ts";
import type { Call } from "../../src/engine/program/emitter.ts";
import type { Program } from "../../src/engine/program/program.ts";
import type { Resident } from "../../src/engine/program/resident.ts";
import type { Shape } from "../../src/engine/shape.ts";

/** The options of a run besides its fetches. */
export interface CompiledOptions {
  readonly feedShapes?: Readonly<Record<string, Shape>>;
  readonly layoutOf?: LayoutOf;
  readonly threads?: number;
}

/** The program of a run. There is no memory, and none can be made while it compiles. */
export function compiled(fetches: readonly (Tensor | Update)[], options: CompiledOptions = {}): Program {
  const { feedShapes = {}, ...rest } = options;
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      throw new Error("a program is data: compiling must make no memory");
    }
  };
  try {
    return compileProgram({
      fetches: fetches.filter((fetch) => fetch instanceof Tensor),
      updates: fetches.filter((fetch) => fetch instanceof Update),
      feedShapes: new Map(Object.entries(feedShapes)),
      rewrites: {},
      ...rest,
    });
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/** A call as one line: `kernel tensor tensor … (origin)`; a tensor is its resident's name or "arena", and its shape. */
export function lineOf({ kernel, args, origin }: Call): string {
  const tensors = args
    .filter((arg) => arg instanceof Buffer)
    .filter(({ storage }) => storage.resident?.kind !== "table");
  const named = tensors.map(({ shape, storage }) => {
    const name = storage.resident === undefined ? "arena" : nameOf(storage.resident);
    return `${name}[${shape.join()}]`;
  });
  return `${kernel} ${named.join(" ")} (${origin})`;
}

/** "w", "adam/m/w" or "adam/rate"; a table is "table". */
export function nameOf(resident: Resident): string {
  switch (resident.kind) {
    case "table":
      return "table";
    case "variable":
      return resident.variable;
    case "slot":
      return `${resident.optimizer.name}/${resident.slot}/${resident.variable}`;
    case "scalar":
      return `${resident.optimizer.name}/${resident.scalar}`;
  }
}
