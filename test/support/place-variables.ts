import type { AddressOf } from "../../src/engine/program/resident.ts";
import type { Memory } from "../../src/engine/runtime/memory.ts";

/** Puts tables and variables, whose values are given by name, into a memory. */
export function placeVariables(memory: Memory, variables: Readonly<Record<string, Float32Array>>): AddressOf {
  return (resident) => {
    if (resident.kind === "table") return memory.table(resident.values);
    if (resident.kind !== "variable") throw new Error(`there is no ${resident.kind}`);
    const values = variables[resident.variable]!;
    const address = memory.allocate(values.byteLength);
    memory.floats.set(values, address / Float32Array.BYTES_PER_ELEMENT);
    return address;
  };
}
