// matrixTimesVector against a float64 product and against the bits of gemm's documented order, with sizes swept around
// the four rows of a vector, the sixteen and 64 of its tiles and the blocks of k.
import { describe, expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkProduct, matricesOf, product, transpose, type Matrices, type Product } from "./matrix-products.ts";

const memory = await KernelMemory.create(2);

const tilesOf = (m: number): number => Math.ceil(m / 64);

/** c by the kernel over the ranges between `cuts`. */
function multiply(given: Product, { a, b, c }: Matrices, cuts: readonly number[] = []): Float32Array {
  memory.reset();
  const { m, k, aTransposed, accumulate } = given;
  const from = memory.place(aTransposed ? transpose(a[0]!, m, k) : a[0]!);
  const [vector, to] = [memory.place(b[0]!), memory.place(accumulate ? c : m)];
  const bounds = [0, ...cuts, tilesOf(m)];
  for (const [i, end] of bounds.slice(1).entries())
    memory.kernels.matrixTimesVector(to, from, vector, m, k, Number(aTransposed), Number(accumulate), bounds[i]!, end);
  memory.checkGuards("matrixTimesVector");
  return memory.floats(to, m);
}

describe.each([false, true])("A transposed: %j", (aTransposed) => {
  test.each([
    { ms: [1, 2, 3, 4, 5, 7, 15, 16, 17, 19, 20, 25, 63, 64, 65, 67, 130], ks: [5, 70] },
    { ms: [3, 25], ks: [1, 2, 3, 4, 25, 48, 63, 64, 65, 129, 256, 257, 300] },
  ])("is the product: %j", ({ ms, ks }) => {
    let checked = 0;
    for (const m of ms)
      for (const k of ks)
        for (const accumulate of [false, true]) {
          const given = product({ m, n: 1, k, aTransposed, accumulate });
          const matrices = matricesOf(given);
          checkProduct(given, matrices, multiply(given, matrices));
          checked++;
        }
    expect(checked).toBe(2 * ms.length * ks.length);
  });

  test("any split of the range gives the same bits", () => {
    const given = product({ m: 300, n: 1, k: 130, aTransposed, accumulate: true });
    const matrices = matricesOf(given);
    const whole = multiply(given, matrices);
    for (let cut = 1; cut < tilesOf(given.m); cut++) expect(multiply(given, matrices, [cut])).toEqual(whole);
    expect(multiply(given, matrices, [1, 2, 3, 4])).toEqual(whole);
  });

  test("nothing past the end of memory is read or written", () => {
    const end = memory.end;
    for (const [m, k] of [
      [1, 1],
      [3, 7],
      [5, 4],
      [18, 67],
      [25, 19],
    ] as const) {
      memory.reset();
      const lengths = [m, m * k, k];
      const addresses = lengths.map((length) => memory.place(length));
      for (const [moved, length] of lengths.entries()) {
        const [c, a, b] = addresses.with(moved, end - 4 * length) as [number, number, number];
        for (const accumulate of [0, 1])
          memory.kernels.matrixTimesVector(c, a, b, m, k, Number(aTransposed), accumulate, 0, 1);
      }
      expect(() => memory.checkGuards("calls at the end of memory")).not.toThrow();
    }
  });
});
