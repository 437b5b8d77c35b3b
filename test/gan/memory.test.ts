// Memory is planned before the first step of a kind. It never grows afterwards.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { createGan, type Gan, type GanOptions } from "../../src/index.ts";
import { countTypedArrays } from "./count-typed-arrays.ts";
import { images, latent, tinyGan } from "./tiny-gan.ts";

const MEBIBYTE = 2 ** 20;

/** Calls `see` with each WASM memory that is made while `make` runs. A mock would keep the memories alive. */
async function watchingMemories<T>(see: (memory: WebAssembly.Memory) => void, make: () => Promise<T>): Promise<T> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      see(this);
    }
  };
  try {
    return await make();
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/** A GAN together with the WASM memory it runs in. */
async function ganAndMemory(make: () => Promise<Gan>): Promise<{ gan: Gan; memory: WebAssembly.Memory }> {
  const memories: WebAssembly.Memory[] = [];
  const gan = await watchingMemories((memory) => memories.push(memory), make);
  expect(memories).toHaveLength(1);
  return { gan, memory: memories[0]! };
}

test("300 steps change neither memoryBytes nor the WASM memory, and make no typed array", async () => {
  const { gan, memory } = await ganAndMemory(() => tinyGan());
  const [real, z] = [images(0), latent(0)];
  gan.pretrainStep(real, z);
  const iteration = (): void => {
    gan.discriminatorStep(real, z);
    gan.generatorStep(z);
  };
  iteration();
  const before = { planned: gan.memoryBytes, buffer: memory.buffer, committed: memory.buffer.byteLength };
  expect(before.committed).toBeGreaterThanOrEqual(before.planned);
  expect(before.committed - before.planned, "whole pages, no more").toBeLessThan(65536);

  const heap = process.memoryUsage().arrayBuffers;
  const made = countTypedArrays(() => {
    for (let i = 0; i < 150; i++) iteration();
  });
  expect(made, "typed arrays and array buffers made by 300 steps").toBe(0);
  expect(process.memoryUsage().arrayBuffers, "bytes of array buffers outside the heap").toBeLessThanOrEqual(heap);
  expect(gan.memoryBytes).toBe(before.planned);
  expect(memory.buffer, "a memory that grew has a new buffer").toBe(before.buffer);
  expect(memory.buffer.byteLength).toBe(before.committed);
  gan.dispose();
});

test("the counter of typed arrays counts", () => {
  const floats = new Float32Array(8);
  expect(countTypedArrays(() => new Float32Array(3))).toBe(1);
  expect(countTypedArrays(() => Float32Array.from([1, 2]))).toBeGreaterThan(0);
  expect(countTypedArrays(() => floats.slice(2))).toBe(1);
  expect(countTypedArrays(() => floats.subarray(2))).toBe(1);
  expect(countTypedArrays(() => floats.map((x) => x))).toBe(1);
  expect(countTypedArrays(() => new ArrayBuffer(8))).toBe(1);
  expect(countTypedArrays(() => floats.fill(1).reduce((sum, x) => sum + x, 0))).toBe(0);
});

test("createGan and one image need at most 24 MiB at the defaults", async () => {
  const { gan, memory } = await ganAndMemory(() => createGan());
  expect(gan.memoryBytes).toBeLessThan(65536);
  gan.generate(gan.latent("sample", 0, 1));
  expect(gan.memoryBytes).toBeLessThanOrEqual(24 * MEBIBYTE);
  expect(memory.buffer.byteLength).toBeLessThanOrEqual(24 * MEBIBYTE);
  gan.dispose();
});

describe("memoryBytes", () => {
  test("grows when a kind of step is first compiled, and never by repeating one", async () => {
    const gan = await tinyGan();
    const [real, z] = [images(0), latent(0)];
    const kinds: [name: string, run: () => unknown][] = [
      ["generate", () => gan.generate(z)],
      ["estimate", () => gan.estimate(real)],
      ["pretrainStep", () => gan.pretrainStep(real, z)],
      ["discriminatorStep", () => gan.discriminatorStep(real, z)],
      ["generatorStep", () => gan.generatorStep(z)],
    ];
    const repeat = (run: () => unknown): void => [1, 2, 3].forEach(run);
    for (const [name, run] of kinds) {
      const before = gan.memoryBytes;
      run();
      const after = gan.memoryBytes;
      expect(after, name).toBeGreaterThan(before);
      repeat(run);
      expect(gan.memoryBytes, `${name} again`).toBe(after);
    }
    gan.gradients("dLoss", real, z);
    const all = gan.memoryBytes;
    for (const [, run] of kinds.filter(([name]) => name !== "pretrainStep")) repeat(run);
    repeat(() => gan.gradients("dLoss", real, z));
    repeat(() => gan.latent("grid", 0, 64));
    gan.restore(gan.state());
    expect(gan.memoryBytes).toBe(all);
    gan.dispose();
  });

  test("does not grow where more sizes of batches come by than programs are kept", async () => {
    const gan = await tinyGan();
    const everySize = (): void => {
      for (let n = 1; n <= 24; n++) gan.generate(gan.latent("grid", 0, n));
    };
    everySize();
    const before = gan.memoryBytes;
    everySize();
    expect(gan.memoryBytes).toBe(before);
  });

  test("is each GAN's own", async () => {
    const [one, two] = [await tinyGan(), await tinyGan()];
    const before = two.memoryBytes;
    one.generate(latent(0));
    expect(two.memoryBytes).toBe(before);
  });
});

test("dispose lets the memory go while the object is still held", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const options: GanOptions = { batchSize: 1, zDim: 4 };
  const [held, disposed] = await watchingMemories(
    (memory) => memories.push(new WeakRef(memory)),
    async () => [await createGan(options), await createGan(options)] as const,
  );
  for (const gan of [held, disposed]) gan.generate(gan.latent("sample", 0, 1));
  disposed.dispose();
  for (let i = 0; i < 20 && memories[1]!.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
  expect(memories.map((memory) => memory.deref() !== undefined)).toEqual([true, false]);
  expect([held.step, disposed.step]).toEqual([0, 0]);
});
