import { describe, expect, test } from "vitest";
import { instantiateKernels } from "../../src/engine/runtime/kernels.ts";
import { KERNEL_NAMES, KERNELS_BASE64 } from "../../src/engine/runtime/kernels.generated.ts";

describe("instantiateKernels", () => {
  test("gives every kernel, on a memory of one page", async () => {
    const { kernels, memory } = await instantiateKernels();
    expect(memory.buffer.byteLength).toBe(65536);
    expect(KERNEL_NAMES.length).toBeGreaterThan(50);
    expect(KERNEL_NAMES.filter((name) => typeof kernels[name] !== "function")).toEqual([]);
  });

  test("KERNEL_NAMES is what the binary exports", async () => {
    const bytes = Uint8Array.from(atob(KERNELS_BASE64), (char) => char.charCodeAt(0));
    const exported = WebAssembly.Module.exports(await WebAssembly.compile(bytes));
    const functions = exported.filter(({ kind }) => kind === "function").map(({ name }) => name);
    expect([...KERNEL_NAMES].sort()).toEqual(functions.sort());
  });

  test("gives each caller a memory of its own", async () => {
    const [one, two] = [await instantiateKernels(), await instantiateKernels()];
    one.kernels.fill(1024, 3, 0, 4);
    expect(new Float32Array(one.memory.buffer, 1024, 4)).toEqual(Float32Array.of(3, 3, 3, 3));
    expect(new Float32Array(two.memory.buffer, 1024, 4)).toEqual(new Float32Array(4));
  });
});
