import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";

test("multiplyAddLoop does the stated work", async () => {
  const memory = await KernelMemory.create(1);
  const x = memory.place(new Float32Array(8).fill(0.5));
  memory.kernels.multiplyAddLoop(x, 1, 1, 2);
  memory.checkGuards("multiplyAddLoop");
  expect([...memory.floats(x, 8)]).toEqual([0.5, 0.5, 0.5, 0.5, ...new Array<number>(4).fill(15 * 0.875)]);
});
