import { describe, expect, test } from "vitest";
import { align, ALIGNMENT, Memory } from "../../src/engine/runtime/memory.ts";
import { failureOf } from "../support/failure.ts";

const PAGE = 65536;

function memoryOf(pages: { initial: number; maximum?: number }): { memory: Memory; wasm: WebAssembly.Memory } {
  const wasm = new WebAssembly.Memory(pages);
  return { memory: new Memory(wasm), wasm };
}

describe("allocate", () => {
  test("gives buffers one after the other, each at a cache line, none at 0", () => {
    const { memory } = memoryOf({ initial: 1 });
    const addresses = [4, 64, 65, 4].map((bytes) => memory.allocate(bytes));
    expect(addresses).toEqual([1024, 1088, 1152, 1280]);
    expect(addresses.every((address) => address % ALIGNMENT === 0)).toBe(true);
    expect(memory.plannedBytes).toBe(1344);
  });

  test("grows the WASM memory to whole pages, when they are needed", () => {
    const { memory, wasm } = memoryOf({ initial: 1 });
    memory.allocate(PAGE - 1024);
    expect(memory.committedBytes).toBe(PAGE);
    memory.allocate(1);
    expect(memory.committedBytes).toBe(2 * PAGE);
    expect(wasm.buffer.byteLength).toBe(2 * PAGE);
  });

  test("keeps what was written before the memory grew", () => {
    const { memory } = memoryOf({ initial: 1 });
    const address = memory.allocate(4);
    memory.floats[address / 4] = 0.5;
    memory.allocate(10 * PAGE);
    expect(memory.floats[address / 4]).toBe(0.5);
    expect(memory.floats).toHaveLength(memory.committedBytes / 4);
    expect(memory.floats, "the view is kept while the memory stays").toBe(memory.floats);
  });
});

describe("the arena", () => {
  test("lies behind what is allocated, and is as large as the largest program wants", () => {
    const { memory } = memoryOf({ initial: 1 });
    memory.reserveArena(1000);
    memory.reserveArena(100);
    expect([memory.arenaBase, memory.plannedBytes]).toEqual([1024, 2048]);
    memory.allocate(64);
    expect([memory.arenaBase, memory.plannedBytes]).toEqual([1088, 2112]);
  });
});

describe("tables", () => {
  test("of equal content are stored once, whatever their type is", () => {
    const { memory } = memoryOf({ initial: 1 });
    const first = memory.table(Int32Array.of(1, 2, 3));
    const other = memory.table(Int32Array.of(1, 2, 4));
    const before = memory.plannedBytes;
    expect(memory.table(Int32Array.of(0, 1, 2, 3).subarray(1))).toBe(first);
    expect(memory.table(new Float32Array(Int32Array.of(1, 2, 4).buffer))).toBe(other);
    expect(memory.plannedBytes).toBe(before);
    expect(new Int32Array(memory.floats.buffer, first, 3)).toEqual(Int32Array.of(1, 2, 3));
  });

  test("tell 0 from −0 and keep every bit", () => {
    const { memory } = memoryOf({ initial: 1 });
    const values = Float32Array.of(-0, NaN, 1e-45, Infinity);
    const address = memory.table(values);
    expect(memory.table(Float32Array.of(0, NaN, 1e-45, Infinity))).not.toBe(address);
    expect(memory.floats.slice(address / 4, address / 4 + 4)).toEqual(values);
  });
});

test("a refused growth is UNSUPPORTED, and leaves the plan as it was", async () => {
  const { memory } = memoryOf({ initial: 1, maximum: 2 });
  memory.allocate(PAGE);
  memory.reserveArena(100);
  const before = { planned: memory.plannedBytes, base: memory.arenaBase };
  for (const grow of [() => memory.allocate(40 * 2 ** 20), () => memory.reserveArena(40 * 2 ** 20)]) {
    expect(await failureOf(grow)).toEqual({
      code: "UNSUPPORTED",
      message: "the engine gives WebAssembly no more memory: 41 MiB are needed",
    });
    expect({ planned: memory.plannedBytes, base: memory.arenaBase }).toEqual(before);
  }
  expect(memory.allocate(64), "what still fits").toBe(before.base);
});

test("align rounds up to the next cache line", () => {
  expect([0, 1, 63, 64, 65].map(align)).toEqual([0, 64, 64, 64, 128]);
});
