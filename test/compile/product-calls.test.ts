// The compiler computes the ranges and the scratch memory of products from the kernels' sizes. Each kernel trusts it:
// with a range or a scratch buffer that is too short, it would leave outputs out, or write over a neighbour.
import { describe, expect, test } from "vitest";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import { emitProduct } from "../../src/engine/lowering/product/product.ts";
import type { Product } from "../../src/engine/lowering/product/product-sizes.ts";
import { Buffer, type Layout } from "../../src/engine/program/buffer.ts";
import { Emitter, type Call } from "../../src/engine/program/emitter.ts";
import {
  PANEL_COLUMNS,
  SPARSE_TILE_COLUMNS,
  SPARSE_TILE_FLOATS,
  TILE_ROWS,
} from "../../src/engine/runtime/sizes.generated.ts";
import { debugMemory } from "../support/debug-kernels.ts";

/** The call of a kernel that the compiler writes for this product. */
function callOf(kernel: Call["kernel"], product: Product, layoutOfB: Layout = "plain"): Call {
  const emit = new Emitter();
  const { m, n, k, transposeA = false, transposeB = false } = product;
  const [c, a] = [emit.scratch([m, n]), emit.scratch(transposeA ? [k, m] : [m, k])];
  const { storage, shape } = emit.scratch(transposeB ? [n, k] : [k, n]);
  emitProduct(emit, c, a, new Buffer(shape, storage, 0, layoutOfB), product);
  const calls = emit.steps.filter((step): step is Call => "kernel" in step && step.kernel === kernel);
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

/** Floats of the buffer that a call passes in this argument. */
function floatsOf({ args }: Call, place: number): number {
  return (args[place] as Buffer).size;
}

const [m, n, k] = [150, 200, 300];
const tilesOf = (count: number, tile: number): number => Math.ceil(count / tile);

describe("blocks of a sum", () => {
  const KS = Array.from({ length: 700 }, (_, i) => i + 1);

  test("products sum as many steps of k as the compiler thinks", async () => {
    const { kernels } = await debugMemory();
    expect(KS.map(blockSteps)).toEqual(KS.map((steps) => kernels.blockSteps(steps)));
    expect(new Set(KS.map(blockSteps)).size).toBe(2);
  });

  test("fit the tiles, and panels of 16 lines", () => {
    for (const steps of new Set(KS.map(blockSteps))) {
      expect(steps % PANEL_COLUMNS).toBe(0);
      expect(steps * PANEL_COLUMNS).toBeLessThan(SPARSE_TILE_FLOATS / 3);
    }
  });
});

describe("ranges and scratch", () => {
  test("gemm", () => {
    const { extent } = callOf("gemm", { m, n, k });
    expect(extent).toBe(tilesOf(m, TILE_ROWS) * tilesOf(n, PANEL_COLUMNS));
  });

  test("gemmPanelsTransposed", () => {
    const call = callOf("gemmPanelsTransposed", { m, n, k, transposeB: true }, "panels");
    expect(call.extent).toBe(tilesOf(n, PANEL_COLUMNS));
    expect(floatsOf(call, 3)).toBe(blockSteps(k) * PANEL_COLUMNS);
  });

  test.each([false, true])("sparseTimesPanels, transposed: %s", (transposeB) => {
    const kernel = transposeB ? "sparseTimesPanelsTransposed" : "sparseTimesPanels";
    const call = callOf(kernel, { m, n, k, transposeB, sparse: "a" });
    expect(call.extent).toBe(tilesOf(n, SPARSE_TILE_COLUMNS));
    expect(floatsOf(call, 4)).toBe(SPARSE_TILE_FLOATS + m * PANEL_COLUMNS);
  });

  test("transposedTimesSparse", () => {
    const call = callOf("transposedTimesSparse", { m, n, k, transposeA: true, sparse: "b" });
    expect(call.extent).toBe(tilesOf(m, SPARSE_TILE_COLUMNS));
    expect(floatsOf(call, 4)).toBe(
      SPARSE_TILE_COLUMNS * PANEL_COLUMNS + tilesOf(k, blockSteps(k)) * SPARSE_TILE_FLOATS,
    );
  });

  test("compressRows", () => {
    expect(callOf("compressRows", { m, n, k, sparse: "a" }).extent).toBe(tilesOf(k, blockSteps(k)));
  });
});
