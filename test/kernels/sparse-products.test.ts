// Products without the zeros of one matrix: against a float64 product and against the bits of gemm's documented order
// over all of it, with sizes swept around the panels, the tiles of 48 and the blocks of k.
import { describe, expect, test } from "vitest";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import {
  PANEL_COLUMNS,
  SPARSE_TILE_COLUMNS as TILE,
  SPARSE_TILE_FLOATS as TILE_FLOATS,
} from "../../src/engine/runtime/sizes.generated.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkProduct, matricesOf, product, transpose, values, type Matrices } from "./matrix-products.ts";

const SIZES = [
  { ms: [1, 2, 3, 15, 16, 17, 47, 48, 49, 100], ns: [1, 3, 4, 16, 18, 47, 48, 53, 97], ks: [5, 70] },
  { ms: [3, 50], ns: [7, 49], ks: [1, 2, 15, 16, 17, 48, 63, 64, 65, 129, 256, 257, 300] },
] as const;

const memory = await KernelMemory.create(4);

const panelsOf = (columns: number): number => Math.ceil(columns / PANEL_COLUMNS);
const tilesOf = (count: number): number => Math.ceil(count / TILE);
const blocksOf = (k: number): number => Math.ceil(k / blockSteps(k));

test("a block of k fits a panel of a tile, and whole panels of transposed weights", () => {
  for (const steps of new Set([1, 256, 257, 4000].map(blockSteps))) {
    expect(steps * PANEL_COLUMNS).toBeLessThan(TILE_FLOATS / 3);
    expect(steps % PANEL_COLUMNS).toBe(0);
  }
});

/** A product [m,n] by the kernel at hand, over the ranges between `cuts`. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}
type Multiply = (kernel: never, sizes: Sizes, matrices: Matrices, cuts?: readonly number[]) => Float32Array;

/** About a share of the elements 0 or -0; all of row 0, none of row 1. */
function sparse(x: Float32Array, columns: number, share = 0.5): Float32Array {
  const chance = values(x.length, 5);
  return x.map((value, i) => {
    const row = Math.floor(i / columns);
    if (row === 1) return value;
    return row === 0 || (chance[i]! + 1) / 2 < share ? (i % 3 === 0 ? -0 : 0) : value;
  });
}

/** compressRows of a matrix whose rows lie `rowStride` apart, and the address of its entries and of their ends. */
function compressed(
  a: Float32Array,
  rows: number,
  steps: number,
  strides: readonly [number, number],
): [number, number] {
  const [from, blocks] = [memory.place(a), blocksOf(steps)];
  const [entries, ends] = [memory.place(rows * (steps + 1) * 2), memory.place(blocks * rows)];
  for (let block = blocks - 1; block >= 0; block--)
    memory.kernels.compressRows(entries, ends, from, rows, steps, ...strides, block, block + 1);
  return [entries, ends];
}

type TimesPanels = `sparseTimesPanels${"" | "Transposed"}${"" | "Wide"}`;

/** B in its own panels, or in those of its transpose. */
function timesPanels(
  kernel: TimesPanels,
  { m, n, k }: Sizes,
  { a, b }: Matrices,
  cuts: readonly number[] = [],
): Float32Array {
  memory.reset();
  const [entries, ends] = compressed(a[0]!, m, k, [k, 1]);
  const transposed = kernel.startsWith("sparseTimesPanelsTransposed");
  const [lines, columns] = transposed ? [n, k] : [k, n];
  const w = memory.place(transposed ? transpose(b[0]!, k, n) : b[0]!);
  const panels = memory.place(panelsOf(columns) * lines * PANEL_COLUMNS);
  memory.kernels.packPanels(panels, w, lines, columns, 0, 0, panelsOf(columns));
  const [c, scratch] = [memory.place(m * n), memory.place(TILE_FLOATS + m * PANEL_COLUMNS)];
  const bounds = [0, ...cuts, tilesOf(n)];
  for (const [i, end] of bounds.slice(1).entries())
    memory.kernels[kernel](c, entries, ends, panels, scratch, m, n, k, bounds[i]!, end);
  memory.checkGuards(kernel);
  return memory.floats(c, m * n);
}

/** Both ways in which C may lie; n is a multiple of 16 where it lies in panels. */
function transposedTimes(
  kernel: "transposedTimesSparse" | "transposedTimesSparseWide",
  { m, n, k }: Sizes,
  { a, b }: Matrices,
  cuts: readonly number[] = [],
): Float32Array {
  memory.reset();
  const [entries, ends] = compressed(b[0]!, n, k, [1, n]);
  const from = memory.place(transpose(a[0]!, m, k));
  const [c, scratch] = [memory.place(m * n), memory.place(PANEL_COLUMNS * TILE + blocksOf(k) * TILE_FLOATS)];
  const inPanels = n % PANEL_COLUMNS === 0;
  const [row, panel] = inPanels ? [PANEL_COLUMNS, PANEL_COLUMNS * m] : [n, PANEL_COLUMNS];
  const bounds = [0, ...cuts, tilesOf(m)];
  for (const [i, end] of bounds.slice(1).entries())
    memory.kernels[kernel](c, from, entries, ends, scratch, m, n, k, row, panel, bounds[i]!, end);
  memory.checkGuards(kernel);
  const result = memory.floats(c, m * n);
  if (!inPanels) return result;
  const at = (i: number, j: number): number => Math.floor(j / PANEL_COLUMNS) * panel + i * row + (j % PANEL_COLUMNS);
  return Float32Array.from(result, (_, index) => result[at(Math.floor(index / n), index % n)]!);
}

const kernels: readonly (readonly [string, Multiply, "a" | "b", (sizes: Sizes) => number])[] = [
  ["sparseTimesPanels", timesPanels, "a", ({ n }) => tilesOf(n)],
  ["sparseTimesPanelsWide", timesPanels, "a", ({ n }) => tilesOf(n)],
  ["sparseTimesPanelsTransposed", timesPanels, "a", ({ n }) => tilesOf(n)],
  ["sparseTimesPanelsTransposedWide", timesPanels, "a", ({ n }) => tilesOf(n)],
  ["transposedTimesSparse", transposedTimes, "b", ({ m }) => tilesOf(m)],
  ["transposedTimesSparseWide", transposedTimes, "b", ({ m }) => tilesOf(m)],
];

/** Matrices of which the one has zeros: A in rows, B in columns. */
function sparseMatrices(sizes: Sizes, which: "a" | "b", share?: number): Matrices {
  const { n, k } = sizes;
  const { a, b, c } = matricesOf(product(sizes));
  if (which === "a") return { a: [sparse(a[0]!, k, share)], b, c };
  return { a, b: [transpose(sparse(transpose(b[0]!, k, n), k, share), n, k)], c };
}

describe.each(kernels)("%s", (kernel, multiply, which, tilesIn) => {
  test.each(SIZES)("is the product: %j", ({ ms, ns, ks }) => {
    let checked = 0;
    for (const m of ms)
      for (const n of ns)
        for (const k of ks) {
          const matrices = sparseMatrices({ m, n, k }, which);
          checkProduct(product({ m, n, k }), matrices, multiply(kernel as never, { m, n, k }, matrices));
          checked++;
        }
    expect(checked).toBe(ms.length * ns.length * ks.length);
  });

  test.each([0, 0.05, 0.95, 1])("with a share of %d zeros", (share) => {
    const sizes = { m: 51, n: 64, k: 100 };
    const matrices = sparseMatrices(sizes, which, share);
    checkProduct(product(sizes), matrices, multiply(kernel as never, sizes, matrices));
  });

  test("any split of the range gives the same bits", () => {
    const sizes = { m: 230, n: 240, k: 7 };
    const matrices = sparseMatrices(sizes, which);
    const whole = multiply(kernel as never, sizes, matrices);
    const tiles = tilesIn(sizes);
    expect(tiles).toBe(5);
    for (let cut = 1; cut < tiles; cut++) expect(multiply(kernel as never, sizes, matrices, [cut])).toEqual(whole);
  });

  test("a NaN among the zeros is no zero", () => {
    const sizes = { m: 20, n: 16, k: 30 };
    const matrices = sparseMatrices(sizes, which);
    matrices[which][0]![which === "a" ? 3 * sizes.k + 7 : 7 * sizes.n + 3] = NaN;
    const got = multiply(kernel as never, sizes, matrices);
    const isHit = (i: number): boolean => (which === "a" ? Math.floor(i / sizes.n) === 3 : i % sizes.n === 3);
    expect([...got].every((value, i) => Number.isNaN(value) === isHit(i))).toBe(true);
  });
});

test("compressRows lists what is not 0, in rows of an even number, block after block", () => {
  memory.reset();
  const k = 70;
  const a = new Float32Array(2 * k);
  a[3] = 1.5;
  a[63] = -2;
  a[64] = 4;
  a[k + 5] = 7;
  const [entries, ends] = compressed(a, 2, k, [k, 1]);
  const [first, second] = [0, 2 * 64 * 2];
  expect([...new Int32Array(memory.bits(ends, 4).buffer)]).toEqual([16, 32, 16, 16]);
  const lines = new Int32Array(memory.bits(entries, 2 * (k + 1) * 2).buffer);
  const numbers = memory.floats(entries, 2 * (k + 1) * 2);
  const entriesAt = (at: number, count: number): number[][] =>
    Array.from({ length: count }, (_, i) => [numbers[at + 2 * i]!, lines[at + 2 * i + 1]!]);
  expect(entriesAt(first, 4)).toEqual([[1.5, 3 * 64], [-2, 63 * 64], [7, 5 * 64], [0, 0]]); // prettier-ignore
  expect(entriesAt(second, 2)).toEqual([[4, 0], [0, 0]]); // prettier-ignore
  memory.checkGuards("compressRows");
});
