// gemmPanelsTransposed against a float64 product and against the bits of gemm's documented order, with sizes swept
// around the panels of both matrices, the blocks of 64 steps and the eight panels that are taken together.
import { describe, expect, test } from "vitest";
import { PANEL_COLUMNS } from "../../src/engine/runtime/sizes.generated.ts";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkProduct, matricesOf, product, transpose, type Matrices, type Product } from "./matrix-products.ts";

const memory = await KernelMemory.create(2);

const panelsOf = (columns: number): number => Math.ceil(columns / PANEL_COLUMNS);

/** C by the kernel over the ranges between `cuts`; B [k,n] is what the kernel knows as W transposed. */
function multiply(
  kernel: "gemmPanelsTransposed" | "gemmPanelsTransposedWide",
  { m, n, k, accumulate }: Product,
  { a, b, c }: Matrices,
  cuts: readonly number[] = [],
): Float32Array {
  memory.reset();
  const { kernels } = memory;
  const w = memory.place(transpose(b[0]!, k, n));
  const panels = memory.place(panelsOf(k) * n * PANEL_COLUMNS);
  kernels.packPanels(panels, w, n, k, 0, 0, panelsOf(k));
  const [from, to] = [memory.place(a[0]!), memory.place(accumulate ? c : m * n)];
  const scratch = memory.place(blockSteps(k) * PANEL_COLUMNS);
  const bounds = [0, ...cuts, panelsOf(n)];
  for (const [i, end] of bounds.slice(1).entries())
    kernels[kernel](to, from, panels, scratch, m, n, k, Number(accumulate), bounds[i]!, end);
  memory.checkGuards(kernel);
  return memory.floats(to, m * n);
}

describe.each(["gemmPanelsTransposed", "gemmPanelsTransposedWide"] as const)("%s", (kernel) => {
  test.each([
    { ms: [1, 2, 3, 4, 5, 6, 7, 66], ns: [1, 4, 5, 8, 9, 12, 13, 15, 16, 17, 33, 150], ks: [5, 70] },
    { ms: [3, 8], ns: [7, 25], ks: [1, 2, 15, 16, 17, 48, 63, 64, 65, 129, 200, 300] },
  ])("is the product by the transposed weights: %j", ({ ms, ns, ks }) => {
    let checked = 0;
    for (const m of ms)
      for (const n of ns)
        for (const k of ks)
          for (const accumulate of [false, true]) {
            const given = product({ m, n, k, accumulate });
            const matrices = matricesOf(given);
            checkProduct(given, matrices, multiply(kernel, given, matrices));
            checked++;
          }
    expect(checked).toBe(2 * ms.length * ns.length * ks.length);
  });

  test("any split of the range gives the same bits", () => {
    const given = product({ m: 9, n: 190, k: 130, accumulate: true });
    const matrices = matricesOf(given);
    const whole = multiply(kernel, given, matrices);
    const panels = panelsOf(given.n);
    expect(panels).toBe(12);
    for (let cut = 1; cut < panels; cut++) expect(multiply(kernel, given, matrices, [cut])).toEqual(whole);
    const cuts = Array.from({ length: panels - 1 }, (_, i) => i + 1);
    expect(multiply(kernel, given, matrices, cuts)).toEqual(whole);
  });

  test("nothing past the end of memory is read or written", () => {
    const [m, k, end] = [5, 19, memory.end];
    for (const n of [1, 7, 12, 16, 21]) {
      const panelFloats = panelsOf(k) * n * PANEL_COLUMNS;
      memory.reset();
      const scratchFloats = blockSteps(k) * PANEL_COLUMNS;
      const addresses = [m * n, m * k, panelFloats, scratchFloats].map((length) => memory.place(length));
      const lengths = [m * n, m * k, panelFloats, scratchFloats];
      for (const [moved, length] of lengths.entries()) {
        const [c, a, panels, scratch] = addresses.with(moved, end - 4 * length) as [number, number, number, number];
        for (const accumulate of [0, 1])
          memory.kernels[kernel](c, a, panels, scratch, m, n, k, accumulate, 0, panelsOf(n));
      }
      expect(() => memory.checkGuards("calls at the end of memory")).not.toThrow();
    }
  });
});
