// The sizes of blocks and tiles stand twice: in assembly/, whose kernels work by them, and in src/, which shares out
// ranges and scratch by them. Here the one is compiled and held against the other. The kernels' tests take theirs from
// src/.
import { beforeAll, describe, expect, test } from "vitest";
import { Buffer, type Layout } from "../../src/engine/program/buffer.ts";
import { Emitter, PANEL_COLUMNS, TILE_ROWS, type Call } from "../../src/engine/program/emitter.ts";
import { BLOCK_ROWS } from "../../src/engine/lowering/columns.ts";
import { PLANES, SCRATCH_FLOATS } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import { emitProduct, type Product } from "../../src/engine/lowering/product/product.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import { assemblyExports, type AssemblyExports } from "../support/assembly-exports.ts";

let assembly: AssemblyExports;
let stepsOf: (k: number) => number;
/** Floats that a sparse tile's weights take, for one block of k. */
let tileFloats: number;

beforeAll(async () => {
  assembly = await assemblyExports(`
    export { blockSteps } from "./gemm/block";
    export { TILE_ROWS } from "./gemm/gemm";
    export { PANEL_APART } from "./gemm/sparse-tile";
    export { TILE_COLUMNS } from "./gemm/sparse-times-panels";
    export { TILE_ROWS as SPARSE_TILE_ROWS } from "./gemm/transposed-times-sparse";
    export { BLOCK_ROWS } from "./reduce/row-sums";
    export { PLANES, SCRATCH } from "./fourier/spectrum";
  `);
  stepsOf = assembly.blockSteps as (k: number) => number;
  tileFloats = 3 * ((assembly.PANEL_APART as number) / Float32Array.BYTES_PER_ELEMENT);
});

/** The call of a kernel that the compiler writes for this product. */
function callOf(kernel: Call["kernel"], product: Product, layoutOfB: Layout = "plain"): Call {
  const emit = new Emitter(new Memory(new WebAssembly.Memory({ initial: 1 })));
  const { m, n, k, transposeA = false, transposeB = false } = product;
  const [c, a] = [emit.scratch([m, n]), emit.scratch(transposeA ? [k, m] : [m, k])];
  const { storage, shape } = emit.scratch(transposeB ? [n, k] : [k, n]);
  emitProduct(emit, c, a, new Buffer(shape, storage, 0, layoutOfB), product);
  const calls = emit.steps.filter((step): step is Call => "kernel" in step && step.kernel === kernel);
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

/** Floats of the buffer that a call passes at this place. */
function floatsOf({ args }: Call, place: number): number {
  return (args[place] as Buffer).size;
}

const KS = Array.from({ length: 700 }, (_, i) => i + 1);

describe("blocks of a sum", () => {
  test("products sum as many steps of k as the compiler thinks", () => {
    expect(KS.map(blockSteps)).toEqual(KS.map(stepsOf));
    expect(new Set(KS.map(stepsOf)).size).toBe(2);
  });

  test("fit the tiles, and panels of 16 lines", () => {
    for (const steps of new Set(KS.map(stepsOf))) {
      expect(steps % PANEL_COLUMNS).toBe(0);
      expect(steps * PANEL_COLUMNS).toBeLessThan(tileFloats / 3);
    }
  });

  test("spectra", () => {
    expect(PLANES).toBe(assembly.PLANES);
    expect(SCRATCH_FLOATS).toBe((assembly.SCRATCH as number) / Float32Array.BYTES_PER_ELEMENT);
  });

  test("sums over rows", () => {
    expect(BLOCK_ROWS).toBe(assembly.BLOCK_ROWS);
  });
});

describe("ranges and scratch", () => {
  const [m, n, k] = [150, 200, 300];
  const tilesOf = (count: number, tile: unknown): number => Math.ceil(count / (tile as number));

  test("gemm", () => {
    expect(TILE_ROWS).toBe(assembly.TILE_ROWS);
    const { extent } = callOf("gemm", { m, n, k });
    expect(extent).toBe(tilesOf(m, assembly.TILE_ROWS) * tilesOf(n, PANEL_COLUMNS));
  });

  test("gemmPanelsTransposed", () => {
    const call = callOf("gemmPanelsTransposed", { m, n, k, transposeB: true }, "panels");
    expect(call.extent).toBe(tilesOf(n, PANEL_COLUMNS));
    expect(floatsOf(call, 3)).toBe(stepsOf(k) * PANEL_COLUMNS);
  });

  test.each([false, true])("sparseTimesPanels, transposed: %s", (transposeB) => {
    const kernel = transposeB ? "sparseTimesPanelsTransposed" : "sparseTimesPanels";
    const call = callOf(kernel, { m, n, k, transposeB, sparse: "a" });
    expect(call.extent).toBe(tilesOf(n, assembly.TILE_COLUMNS));
    expect(floatsOf(call, 4)).toBe(tileFloats + m * PANEL_COLUMNS);
  });

  test("transposedTimesSparse", () => {
    const call = callOf("transposedTimesSparse", { m, n, k, transposeA: true, sparse: "b" });
    expect(call.extent).toBe(tilesOf(m, assembly.SPARSE_TILE_ROWS));
    const sums = PANEL_COLUMNS * (assembly.SPARSE_TILE_ROWS as number);
    expect(floatsOf(call, 4)).toBe(sums + tilesOf(k, stepsOf(k)) * tileFloats);
  });

  test("compressRows", () => {
    expect(callOf("compressRows", { m, n, k, sparse: "a" }).extent).toBe(tilesOf(k, stepsOf(k)));
  });
});
