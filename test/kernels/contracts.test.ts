// The debug build checks what a kernel demands of its arguments. A call that breaks a rule ends with an error that
// names the kernel, the argument and the rule.
import { describe, expect, test } from "vitest";
import { KERNEL_NAMES, type Kernels } from "../../src/engine/runtime/kernels.generated.ts";
import { instantiateKernels } from "../../src/engine/runtime/kernels.ts";
import { debugBuild } from "../support/debug-kernels.ts";

const { kernels, memory } = await instantiateKernels(await debugBuild());
memory.grow(15);
const END = memory.buffer.byteLength;

/** Addresses far from each other, below the memory's end. */
const [A, B, C, D, E] = [0x10000, 0x20000, 0x30000, 0x40000, 0x50000];

/** Calls a kernel with numbers of any count. */
function call(name: keyof Kernels, ...args: number[]): () => void {
  const kernel: (...args: number[]) => void = kernels[name];
  return () => kernel(...args);
}

/** Writes a table of integers and returns its address. */
function table(address: number, values: readonly number[]): number {
  new Int32Array(memory.buffer, address, values.length).set(values);
  return address;
}

test.each(KERNEL_NAMES)("%s checks its range", (name) => {
  new Uint8Array(memory.buffer).fill(0);
  // Kernels take their range last. Tables are read at address 0, where there are zeros.
  const begun = Array.from({ length: kernels[name].length - 2 }, () => 0);
  expect(call(name, ...begun, -1, 0)).toThrow(new Error(`${name}: begin is below 0 (-1, 0)`));
  expect(call(name, ...begun, 1, 0)).toThrow(new Error(`${name}: begin is past end (1, 0)`));
});

/** A product [3, 20] = [3, 5]·[5, 20] of row-major a and c: one block of rows, two panels. */
const LAYOUT = [1, 3, 20, 5, 0, 5, 1, 0, 20, 16, 0];
/** A 3×3 window on two images of 6×7 pixels and 16 channels, "same". */
const WINDOW = [2, 6, 7, 16, 3, 3, 1, 1, 1, 1, 6, 7];
/** A pool of 2×2 on the same images. */
const POOL = [2, 6, 7, 16, 2, 2, 2, 2, 0, 0, 3, 4];

describe("a call that keeps its contract runs", () => {
  test.each<[string, () => void]>([
    ["gemm", () => kernels.gemm(A, B, C, table(D, LAYOUT), 0, 0, 2)],
    ["im2col", () => kernels.im2col(A, B, table(D, WINDOW), 0, 0, 84)],
    ["addBias in place", call("addBias", A, A, B, 5, 0, 0, 7)],
    ["copy to its end", call("copy", END - 400, A, 0, 100)],
    ["nothing, at no address", call("adam", 0, 0, 0, 0, A, 0.9, 0.999, 1e-8, 3, 3)],
  ])("%s", (_, run) => run());
});

describe("alignment", () => {
  test.each<[string, number[], string]>([
    ["c", [A + 2, B, C], `c is not aligned to 4 bytes (${A + 2}, 4)`],
    ["a", [A, B + 1, C], `a is not aligned to 4 bytes (${B + 1}, 4)`],
    ["panels", [A, B, C + 3], `panels is not aligned to 4 bytes (${C + 3}, 4)`],
  ])("of gemm's %s", (_, addresses, message) => {
    const layout = table(D, LAYOUT);
    for (const name of ["gemm", "gemmWide"] as const) {
      expect(call(name, ...addresses, layout, 0, 0, 2)).toThrow(new Error(`${name}: ${message}`));
    }
  });

  test("of elementwise kernels", () => {
    expect(call("exp", A, B + 2, 0, 8)).toThrow("exp: x is not aligned to 4 bytes");
    expect(call("reluGrad", A + 1, A, B, 0, 8)).toThrow("reluGrad: the result is not aligned");
    expect(call("normal", A + 1, 0, 0, 0, 0, 0, 8)).toThrow("normal: y is not aligned");
  });
});

describe("ranges beyond their extent", () => {
  test.each<[keyof Kernels, () => void, string]>([
    ["gemm", () => kernels.gemm(A, B, C, table(D, LAYOUT), 0, 0, 3), "gemm: end is past the extent (3, 2)"],
    ["im2col", () => kernels.im2col(A, B, table(D, WINDOW), 80, 0, 5), "im2col: end is past the extent (5, 4)"],
    ["maxPool", () => kernels.maxPool(A, B, C, table(D, POOL), 0, 7), "maxPool: end is past the extent (7, 6)"],
    ["sumAxis", call("sumAxis", A, B, 2, 3, 4, 1, 0, 9), "sumAxis: end is past the extent (9, 8)"],
    ["columnSums", call("columnSums", A, B, 257, 4, 2, 3), "columnSums: end is past the extent (3, 2)"],
    ["packPanels", call("packPanels", A, B, 4, 17, 0, 0, 3), "packPanels: end is past the extent (3, 2)"],
    ["add", () => kernels.add(A, B, C, table(D, [1, 8, 1, 0]), 0, 9), "add: end is past the extent (9, 8)"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(new Error(message));
  });
});

describe("sizes", () => {
  test.each<[string, () => void, string]>([
    [
      "k of a product",
      () => kernels.gemm(A, B, C, table(D, LAYOUT.with(3, 0)), 0, 0, 2),
      "gemm: k is too small (0, 1)",
    ],
    ["channels", call("addBias", A, B, C, 0, 0, 0, 7), "addBias: channels is too small (0, 1)"],
    ["a stride", () => kernels.im2col(A, B, table(D, WINDOW.with(6, 0)), 0, 0, 84), "strideHeight is too small"],
    ["a padding", () => kernels.im2col(A, B, table(D, WINDOW.with(8, -1)), 0, 0, 84), "padTop is too small (-1, 0)"],
    ["a window for Winograd", winogradInput(WINDOW), "winogradInput: filterHeight is too large (3, 2)"],
    ["windows that leave pixels over", masked(POOL.with(11, 3)), "outWidth * strideWidth is too small (6, 7)"],
    ["windows that overlap", masked(POOL.with(4, 3)), "maskedAvgPool: filterHeight is too large (3, 2)"],
    ["two elements in one place", stridedStore([1, 4, 0]), "a stride's magnitude is too small (0, 1)"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("buffers", () => {
  test.each<[string, () => void, string]>([
    ["an output over an input", call("packPanels", A, A + 64, 4, 16, 0, 0, 1), `b overlaps panels (${A + 64}, ${A})`],
    ["an input beside it", call("copy", A, A + 4, 0, 8), `copy: x overlaps y (${A + 4}, ${A})`],
    ["an output over an output", call("adam", A, A, B, C, D, 0.9, 0.999, 1e-8, 0, 8), `m overlaps w (${A}, ${A})`],
    ["a bias in place", call("addBias", A, B, A, 5, 0, 0, 7), `addBias: bias overlaps y (${A}, ${A})`],
    ["an operand that is broadcast", broadcast(A), `add: b overlaps y (${A}, ${A})`],
    ["past the memory", call("fill", END - 12, 1, 0, 4), `fill: y does not lie within the memory (${END + 4}, ${END})`],
    ["none", call("log", 0, A, 0, 4), "log: y is missing (0, 0)"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

function winogradInput(window: readonly number[]): () => void {
  return () => kernels.winogradInput(A, B, table(D, window), 4096, 0, E, 0, 1);
}

function masked(pool: readonly number[]): () => void {
  return () => kernels.maskedAvgPool(A, B, C, table(D, pool), 0, 0, 1);
}

function stridedStore(view: readonly number[]): () => void {
  return () => kernels.stridedStore(A, B, table(D, view), 0, 4);
}

/** y [2, 4] = a [2, 4] + b [4], where b lies at y. */
function broadcast(y: number): () => void {
  return () => kernels.add(y, B, y, table(D, [2, 2, 4, 4, 1, 0, 1]), 0, 8);
}
