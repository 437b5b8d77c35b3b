// gemm against a float64 product (bound from the arithmetic) and against the documented order of float32 operations
// (equal bits), with sizes swept around the 64 x 16 macro tile, the register tiles and the 64-step blocks.
import { describe, expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  checkProduct,
  layoutOf,
  matricesOf,
  multiply,
  product,
  tileCount,
  type GemmKernel,
  type Product,
} from "./matrix-products.ts";

const KERNELS: GemmKernel[] = ["gemm", "gemmWide"];
const memory = await KernelMemory.create(2);

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** All combinations of what may be asked for besides sizes. */
const SETTINGS: Partial<Product>[] = [false, true].flatMap((aTransposed) =>
  [false, true].flatMap((cInPanels) =>
    [false, true].map((accumulate) => ({ aTransposed, bTransposed: aTransposed, cInPanels, accumulate })),
  ),
);

function* sweep(ms: number[], ns: number[], ks: number[]): Generator<Product> {
  for (const m of ms)
    for (const n of ns) for (const k of ks) for (const setting of SETTINGS) yield product({ m, n, k, ...setting });
}

/** How many products were right. */
function checkAll(kernel: GemmKernel, products: Iterable<Product>): number {
  let count = 0;
  for (const given of products) {
    const matrices = matricesOf(given);
    checkProduct(given, matrices, multiply(memory, kernel, given, matrices));
    count++;
  }
  return count;
}

describe.each(KERNELS)("%s", (kernel) => {
  test("rows and columns around the tiles", () => {
    const products = sweep([...upTo(9), 63, 64, 65, 66], [...upTo(33), 64], [5]);
    expect(checkAll(kernel, products)).toBe(13 * 34 * 8);
  });

  test("steps around the unrolled loop and the blocks", () => {
    const products = sweep([1, 3, 66], [1, 7, 12, 33], [...upTo(9), 63, 64, 65, 66, 129, 300]);
    expect(checkAll(kernel, products)).toBe(3 * 4 * 15 * 8);
  });

  test("a batch on planes side by side", () => {
    const products = [...sweep([1, 5, 70], [1, 16, 25], [3, 70])].map((given) => ({ ...given, batch: 3 }));
    expect(checkAll(kernel, products)).toBe(3 * 3 * 2 * 8);
  });

  test.each<Partial<Product>>([
    { batch: 3, m: 65, cInPanels: false },
    { batch: 2, m: 150, cInPanels: true },
  ])("any split of the range gives the same bits: %j", (sizes) => {
    const given = product({ m: 1, n: 40, k: 130, accumulate: true, ...sizes });
    const matrices = matricesOf(given);
    const whole = multiply(memory, kernel, given, matrices);
    const tiles = tileCount(given);
    expect(tiles).toBe(18);
    for (let cut = 1; cut < tiles; cut++) expect(multiply(memory, kernel, given, matrices, [cut])).toEqual(whole);
    expect(multiply(memory, kernel, given, matrices, upTo(tiles - 1))).toEqual(whole);
  });

  test.each([65, 150])("every macro tile of %d rows is written by its own number alone", (m) => {
    const given = product({ batch: 2, m, n: 40, k: 3 });
    const { table: integers, aPlane, panelsPlane, cPlane } = layoutOf(given);
    memory.reset();
    const table = memory.place(integers);
    const a = memory.place(new Float32Array(2 * aPlane).fill(1));
    const panels = memory.place(new Float32Array(2 * panelsPlane).fill(1));
    const c = memory.place(new Float32Array(2 * cPlane));
    for (let tile = 0; tile < tileCount(given); tile++) memory.kernels[kernel](c, a, panels, table, 1, tile, tile + 1);
    memory.checkGuards("tile by tile");
    const written = memory.floats(c, 2 * cPlane).filter((value) => value !== 0);
    expect(written).toEqual(new Float32Array(2 * m * 40).fill(3));
  });

  test("nothing past the end of memory is read or written", () => {
    const [m, k, end] = [5, 3, memory.end];
    for (const n of upTo(33))
      for (const aTransposed of [false, true]) {
        const given = product({ m, n, k, aTransposed });
        const { table: integers, cPlane, panelsPlane } = layoutOf(given, 0);
        memory.reset();
        const table = memory.place(integers);
        const [a, panels, c] = [memory.place(m * k), memory.place(panelsPlane), memory.place(cPlane)];
        const run = (c: number, a: number, panels: number, accumulate: number): void =>
          memory.kernels[kernel](c, a, panels, table, accumulate, 0, tileCount(given));
        run(c, end - 4 * m * k, panels, 0);
        run(c, a, end - 4 * panelsPlane, 0);
        run(end - 4 * cPlane, a, panels, 0);
        run(end - 4 * cPlane, a, panels, 1);
        memory.checkGuards("calls at the end of memory");
      }
  });

  test("NaN stays in its row of A and its column of B", () => {
    const given = product({ m: 5, n: 19, k: 6 });
    const matrices = matricesOf(given);
    matrices.a[0]![4 * 6 + 2] = NaN;
    matrices.b[0]![3 * 19 + 17] = NaN;
    const got = multiply(memory, kernel, given, matrices);
    expect(got).toHaveLength(5 * 19);
    for (const [index, value] of got.entries())
      expect(Number.isNaN(value)).toBe(Math.floor(index / 19) === 4 || index % 19 === 17);
  });
});
