// Batches of matrix products for the tests of gemm: their data, how it lies in memory, and what must come out.
import { PANEL_COLUMNS, TILE_ROWS } from "../../src/engine/runtime/sizes.generated.ts";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import type { KernelMemory } from "../support/kernel-memory.ts";

/** The kernels that multiply by one layout and must give the same bits. */
export type GemmKernel = "gemm" | "gemmWide";

/** C [m,n] = (accumulate ? C : 0) + A [m,k] · B [k,n], `batch` times. */
export interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored [k,m]. */
  readonly aTransposed: boolean;
  /** B is given to packPanels as [n,k]. */
  readonly bTransposed: boolean;
  /** C is stored as panels [⌈n/16⌉][m][16]. */
  readonly cInPanels: boolean;
  readonly accumulate: boolean;
}

/** A batch's matrices, all plain row-major whatever the kernels are given. */
export interface Matrices {
  readonly a: readonly Float32Array[];
  readonly b: readonly Float32Array[];
  /** What C held before, [batch,m,n]. */
  readonly c: Float32Array;
}

/** Words between planes; they hold the guard's NaN. */
const GAP = 3;

const PLAIN = { batch: 1, aTransposed: false, bTransposed: false, cInPanels: false, accumulate: false };

/** One plain product of these sizes, but for what else is given. */
export function product(given: Pick<Product, "m" | "n" | "k"> & Partial<Product>): Product {
  return { ...PLAIN, ...given };
}

/** For messages. */
export function describeProduct(given: Product): string {
  const { batch, m, n, k, aTransposed, bTransposed, cInPanels, accumulate } = given;
  const factors = `A${aTransposed ? "ᵀ" : ""}·B${bTransposed ? "ᵀ" : ""}`;
  const formula = `C${cInPanels ? " in panels" : ""} ${accumulate ? "+=" : "="} ${factors}`;
  return `${formula}, batch ${batch}, m ${m}, n ${n}, k ${k}`;
}

/** Values in (-1, 1) from a multiplicative generator, so that a failure repeats. */
export function values(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

export function transpose(x: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

export function matricesOf({ batch, m, n, k }: Product): Matrices {
  const planes = Array.from({ length: batch }, (_, plane) => plane);
  return {
    a: planes.map((plane) => values(m * k, m + 7 + plane)),
    b: planes.map((plane) => values(k * n, n + 77 + plane)),
    c: values(batch * m * n, k + 777),
  };
}

/** The range of a gemm call. */
export function tileCount({ batch, m, n }: Product): number {
  return batch * Math.ceil(m / TILE_ROWS) * Math.ceil(n / PANEL_COLUMNS);
}

/** Strides in words. */
interface Layout {
  readonly aPlane: number;
  readonly cPlane: number;
  readonly cRowStride: number;
  readonly cPanelStride: number;
  readonly panelsPlane: number;
  /** The integers of assembly/gemm/product-layout.ts. */
  readonly table: Int32Array;
}

export function layoutOf({ batch, m, n, k, aTransposed, cInPanels }: Product, gap: number = GAP): Layout {
  const panelCount = Math.ceil(n / PANEL_COLUMNS);
  const [aRowStride, aStep] = aTransposed ? [1, m] : [k, 1];
  const [cRowStride, cPanelStride] = cInPanels ? [PANEL_COLUMNS, PANEL_COLUMNS * m] : [n, PANEL_COLUMNS];
  const aPlane = m * k + gap;
  const cPlane = (cInPanels ? panelCount * cPanelStride : m * n) + gap;
  const panelsPlane = panelCount * k * PANEL_COLUMNS + gap;
  const strides = [aPlane, aRowStride, aStep, cPlane, cRowStride, cPanelStride, panelsPlane];
  return { aPlane, cPlane, cRowStride, cPanelStride, panelsPlane, table: Int32Array.of(batch, m, n, k, ...strides) };
}

/** Where each element of [batch,m,n] lies in C, in words. */
function placesInC({ batch, m, n }: Product, { cPlane, cRowStride, cPanelStride }: Layout): Int32Array {
  return Int32Array.from({ length: batch * m * n }, (_, index) => {
    const [row, j] = [Math.floor(index / n), index % n];
    return Math.floor(row / m) * cPlane + (row % m) * cRowStride + (j >> 4) * cPanelStride + (j & 15);
  });
}

/**
 * The batch's C, [batch,m,n], by packPanels and gemm over the ranges between `cuts` (all of it where there are none).
 * Throws where a word was written that is no element of C.
 */
export function multiply(
  memory: KernelMemory,
  kernel: GemmKernel,
  given: Product,
  matrices: Matrices,
  cuts: readonly number[] = [],
): Float32Array {
  memory.reset();
  const layout = layoutOf(given);
  const table = memory.place(layout.table);
  const [a, panels] = placeOperands(memory, given, matrices, layout);
  const length = given.batch * layout.cPlane;
  const c = memory.place(length);
  const guards = new Int32Array(memory.bits(c, length).buffer);
  const places = placesInC(given, layout);
  const old = new Int32Array(matrices.c.buffer);
  if (given.accumulate) memory.write(c, withWords(guards, places, old));

  const bounds = [0, ...cuts, tileCount(given)];
  for (const [i, end] of bounds.slice(1).entries())
    memory.kernels[kernel](c, a, panels, table, Number(given.accumulate), bounds[i]!, end);

  memory.checkGuards(describeProduct(given));
  const after = new Int32Array(memory.bits(c, length).buffer);
  const result = Int32Array.from(places, (place) => after[place]!);
  const wanted = withWords(guards, places, result);
  if (after.some((word, i) => word !== wanted[i])) throw new Error(`${describeProduct(given)}: wrote beside C`);
  return new Float32Array(result.buffer);
}

/** Puts A and B's panels into memory; their addresses. */
function placeOperands(
  memory: KernelMemory,
  { batch, m, n, k, aTransposed, bTransposed }: Product,
  { a, b }: Matrices,
  { aPlane, panelsPlane }: Layout,
): [a: number, panels: number] {
  const aAddress = memory.place(batch * aPlane);
  const bAddress = memory.place(k * n);
  const panels = memory.place(batch * panelsPlane);
  for (let p = 0; p < batch; p++) {
    memory.write(aAddress + 4 * p * aPlane, aTransposed ? transpose(a[p]!, m, k) : a[p]!);
    memory.write(bAddress, bTransposed ? transpose(b[p]!, k, n) : b[p]!);
    const to = panels + 4 * p * panelsPlane;
    memory.kernels.packPanels(to, bAddress, k, n, Number(bTransposed), 0, Math.ceil(n / PANEL_COLUMNS));
  }
  return [aAddress, panels];
}

/** The words with others put at these places. */
function withWords(words: Int32Array, places: Int32Array, others: Int32Array): Int32Array {
  const result = words.slice();
  places.forEach((place, i) => (result[place] = others[i]!));
  return result;
}

/** Throws unless every element is within float32's error of the float64 product and has the documented order's bits. */
export function checkProduct(given: Product, { a, b, c }: Matrices, got: Float32Array): void {
  const { m, n, k, accumulate } = given;
  if (got.length !== given.batch * m * n) throw new Error(`${describeProduct(given)}: ${got.length} elements`);
  const [rowOfA, columnOfB] = [new Float32Array(k), new Float32Array(k)];
  for (const [index, value] of got.entries()) {
    const [row, j] = [Math.floor(index / n), index % n];
    const [p, i] = [Math.floor(row / m), row % m];
    for (let step = 0; step < k; step++) {
      rowOfA[step] = a[p]![i * k + step]!;
      columnOfB[step] = b[p]![step * n + j]!;
    }
    const before = accumulate ? c[index] : undefined;
    const where = (): string => `${describeProduct(given)}, C_${p}[${i},${j}] = ${value}`;
    const [want, bound] = exactSum(rowOfA, columnOfB, before);
    if (!(Math.abs(value - want) <= bound)) throw new Error(`${where()}, want ${want} within ${bound}`);
    const ordered = sumInOrder(rowOfA, columnOfB, before);
    if (!Object.is(value, ordered)) throw new Error(`${where()}, in the documented order ${ordered}`);
  }
}

/** In the documented order: block sums from 0 in ascending k, added to what C held in ascending order. */
function sumInOrder(a: Float32Array, b: Float32Array, before: number | undefined): number {
  let result = before;
  const block = blockSteps(a.length);
  for (let first = 0; first < a.length; first += block) {
    let sum = 0;
    for (let step = first; step < Math.min(a.length, first + block); step++)
      sum = Math.fround(sum + Math.fround(a[step]! * b[step]!));
    result = result === undefined ? sum : Math.fround(result + sum);
  }
  return result!;
}

/** In float64, and the largest error float32 may make: (K + 1) roundings of 2^-23 of the sum of magnitudes. */
export function exactSum(a: Float32Array, b: Float32Array, before = 0): [value: number, bound: number] {
  let value = before;
  let magnitude = Math.abs(before);
  for (let step = 0; step < a.length; step++) {
    const term = a[step]! * b[step]!;
    value += term;
    magnitude += Math.abs(term);
  }
  return [value, (a.length + 1) * 2 ** -23 * magnitude];
}
