// packPanels and gemm against a float64 product (bound from the arithmetic) and against the documented order of float32
// operations (equal bits), with sizes swept around the 64 x 16 macro tile, the register tiles and the 64-step blocks.
import { describe, expect, test } from "vitest";
import { instantiateKernels } from "../../src/runtime/kernels.ts";

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly aTransposed: boolean;
  readonly bTransposed: boolean;
  readonly accumulate: boolean;
}
/** The matrices of a product: a [m,k], b [k,n] and the old c [m,n], all plain row-major whatever the kernels are given. */
interface Matrices {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
}
interface Buffer {
  readonly address: number;
  readonly length: number;
}

const BLOCK_STEPS = 64;
const GUARD = 0x7fc0dead; // a NaN: a guard that is read shows up in the result
const { kernels, memory } = await instantiateKernels();
memory.grow(47);
const floats = new Float32Array(memory.buffer);
const words = new Uint32Array(memory.buffer);

/** Buffers one after the other, aligned to 4 bytes only, with 5 guard words before and behind each. */
function place(...lengths: number[]): Buffer[] {
  let at = 1024;
  const buffers = lengths.map((length) => {
    const buffer = { address: 4 * (at + 5), length };
    at += length + 5;
    return buffer;
  });
  words.fill(GUARD, 1024, at + 5);
  return buffers;
}

function expectGuardsUntouched(buffers: Buffer[], label: string): void {
  for (const { address, length } of buffers) {
    const first = address / 4;
    for (let i = 1; i <= 5; i++) {
      if (words[first - i] !== GUARD) throw new Error(`${label}: word ${i} before a buffer was overwritten`);
      if (words[first + length + i - 1] !== GUARD)
        throw new Error(`${label}: word ${i} behind a buffer was overwritten`);
    }
  }
}

function view({ address, length }: Buffer): Float32Array {
  return floats.subarray(address / 4, address / 4 + length);
}

/** Values in (-1, 1) from a multiplicative generator, so that a failure repeats. */
function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

function transpose(x: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

function matrices({ m, n, k }: Product): Matrices {
  return { a: random(m * k, m + 7), b: random(k * n, n + 77), c: random(m * n, k + 777) };
}

const tileCount = (m: number, n: number): number => Math.ceil(m / 64) * Math.ceil(n / 16);

/** Runs both kernels over the ranges between `cuts` (all of it where there are none) and checks the guards. */
function run(product: Product, { a, b, c }: Matrices, cuts: number[] = []): Float32Array {
  const { m, n, k, aTransposed, bTransposed, accumulate } = product;
  const panelCount = Math.ceil(n / 16);
  const buffers = place(m * k, k * n, panelCount * k * 16, m * n) as [Buffer, Buffer, Buffer, Buffer];
  const [aBuffer, bBuffer, panels, cBuffer] = buffers;
  view(aBuffer).set(aTransposed ? transpose(a, m, k) : a);
  view(bBuffer).set(bTransposed ? transpose(b, k, n) : b);
  if (accumulate) view(cBuffer).set(c);
  const [rowStride, step] = aTransposed ? [1, m] : [k, 1];
  for (let p = 0; p < panelCount; p++)
    kernels.packPanels(panels.address, bBuffer.address, k, n, +bTransposed, p, p + 1);
  const bounds = [0, ...cuts, tileCount(m, n)];
  bounds.slice(1).forEach((end, i) => {
    kernels.gemm(
      cBuffer.address,
      aBuffer.address,
      panels.address,
      m,
      n,
      k,
      rowStride,
      step,
      +accumulate,
      bounds[i]!,
      end,
    );
  });
  expectGuardsUntouched(buffers, describeProduct(product));
  return view(cBuffer).slice();
}

function describeProduct({ m, n, k, aTransposed, bTransposed, accumulate }: Product): string {
  return `${accumulate ? "C += " : "C = "}A${aTransposed ? "ᵀ" : ""}·B${bTransposed ? "ᵀ" : ""}, m ${m}, n ${n}, k ${k}`;
}

/** Element (i, j) in the documented order: block sums from 0 in ascending k, added to C in ascending order. */
function inOrder({ n, k, accumulate }: Product, { a, b, c }: Matrices, i: number, j: number): number {
  let result = c[i * n + j]!;
  for (let first = 0; first < k; first += BLOCK_STEPS) {
    let sum = 0;
    for (let p = first; p < Math.min(k, first + BLOCK_STEPS); p++) {
      sum = Math.fround(sum + Math.fround(a[i * k + p]! * b[p * n + j]!));
    }
    result = first === 0 && !accumulate ? sum : Math.fround(result + sum);
  }
  return result;
}

/** Element (i, j) in float64 and the largest error float32 may make: (K + 1) roundings of 2^-23 of the sum of magnitudes. */
function exactly(
  { n, k, accumulate }: Product,
  { a, b, c }: Matrices,
  i: number,
  j: number,
): [value: number, bound: number] {
  let value = accumulate ? c[i * n + j]! : 0;
  let magnitude = Math.abs(value);
  for (let p = 0; p < k; p++) {
    const term = a[i * k + p]! * b[p * n + j]!;
    value += term;
    magnitude += Math.abs(term);
  }
  return [value, (k + 1) * 2 ** -23 * magnitude];
}

function check(product: Product): void {
  const given = matrices(product);
  const got = run(product, given);
  got.forEach((value, index) => {
    const i = Math.floor(index / product.n);
    const j = index % product.n;
    const [want, bound] = exactly(product, given, i, j);
    const where = `${describeProduct(product)}, C[${i},${j}]`;
    if (!(Math.abs(value - want) <= bound)) throw new Error(`${where} = ${value}, want ${want} within ${bound}`);
    const ordered = inOrder(product, given, i, j);
    if (!Object.is(value, ordered)) throw new Error(`${where} = ${value}, in the documented order ${ordered}`);
  });
}

/** Checks all transpositions, stored and accumulated; returns how many products that were. */
function sweep(ms: number[], ns: number[], ks: number[]): number {
  let count = 0;
  for (const m of ms)
    for (const n of ns)
      for (const k of ks)
        for (const aTransposed of [false, true]) {
          for (const bTransposed of [false, true])
            for (const accumulate of [false, true]) {
              check({ m, n, k, aTransposed, bTransposed, accumulate });
              count++;
            }
        }
  return count;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe("gemm", () => {
  test("rows and columns around the tiles", () => {
    expect(sweep([...upTo(9), 63, 64, 65, 66], [...upTo(33), 64], [5])).toBe(13 * 34 * 8);
  });

  test("steps around the unrolled loop and the blocks", () => {
    expect(sweep([1, 3, 66], [1, 7, 12, 33], [...upTo(9), 63, 64, 65, 66, 129])).toBe(3 * 4 * 14 * 8);
  });

  test("any split of the range gives the same bits", () => {
    const product = { m: 130, n: 40, k: 300, aTransposed: false, bTransposed: false, accumulate: true };
    const given = matrices(product);
    const whole = run(product, given);
    const tiles = tileCount(product.m, product.n);
    expect(tiles).toBe(9);
    for (let cut = 1; cut < tiles; cut++) expect(run(product, given, [cut])).toEqual(whole);
    expect(run(product, given, upTo(tiles - 1))).toEqual(whole);
  });

  test("a range writes its own macro tiles only", () => {
    const [a, panels, c] = place(130 * 3, 3 * 3 * 16, 130 * 40) as [Buffer, Buffer, Buffer];
    view(a).fill(1);
    view(panels).fill(1);
    view(c).fill(-1);
    kernels.gemm(c.address, a.address, panels.address, 130, 40, 3, 3, 1, 0, 4, 6); // rows 64..127, columns 16..39
    const inside = (index: number): boolean => index >= 64 * 40 && index < 128 * 40 && index % 40 >= 16;
    expect(view(c).every((value, index) => value === (inside(index) ? 3 : -1))).toBe(true);
  });

  test("nothing past the end of memory is read or written", () => {
    const [m, k, end] = [5, 3, memory.buffer.byteLength];
    const inner = place(k * 48, k * 48, m * 48) as [Buffer, Buffer, Buffer];
    const [a, panels, c] = inner.map(({ address }) => address) as [number, number, number];
    for (const n of upTo(33)) {
      const panelCount = Math.ceil(n / 16);
      for (const transposed of [0, 1]) kernels.packPanels(panels, end - 4 * k * n, k, n, transposed, 0, panelCount);
      kernels.packPanels(end - 64 * k * panelCount, a, k, n, 0, 0, panelCount);
      kernels.gemm(c, end - 4 * m * k, panels, m, n, k, k, 1, 0, 0, panelCount);
      kernels.gemm(c, end - 4 * m * k, panels, m, n, k, 1, m, 0, 0, panelCount);
      kernels.gemm(c, a, end - 64 * k * panelCount, m, n, k, k, 1, 0, 0, panelCount);
      for (const add of [0, 1]) kernels.gemm(end - 4 * m * n, a, panels, m, n, k, k, 1, add, 0, panelCount);
    }
    expectGuardsUntouched(inner, "calls at the end of memory");
  });

  test("NaN stays in its row of A and its column of B", () => {
    const product = { m: 5, n: 19, k: 6, aTransposed: false, bTransposed: false, accumulate: false };
    const given = matrices(product);
    given.a[4 * 6 + 2] = NaN;
    given.b[3 * 19 + 17] = NaN;
    run(product, given).forEach((value, index) => {
      expect(Number.isNaN(value)).toBe(Math.floor(index / 19) === 4 || index % 19 === 17);
    });
  });
});

describe("packPanels", () => {
  test("lays B out as [ceil(n/16)][k][16] with zeros behind the last column", () => {
    let count = 0;
    for (const n of [...upTo(18), 31, 32, 33])
      for (const k of upTo(9))
        for (const transposed of [false, true]) {
          const b = random(k * n, n);
          const buffers = place(k * n, Math.ceil(n / 16) * k * 16) as [Buffer, Buffer];
          view(buffers[0]).set(transposed ? transpose(b, k, n) : b);
          kernels.packPanels(buffers[1].address, buffers[0].address, k, n, +transposed, 0, Math.ceil(n / 16));
          expectGuardsUntouched(buffers, `packPanels k ${k}, n ${n}`);
          view(buffers[1]).forEach((value, index) => {
            const column = 16 * Math.floor(index / (16 * k)) + (index % 16);
            const row = Math.floor(index / 16) % k;
            const want = column < n ? b[row * n + column]! : 0;
            if (!Object.is(value, want))
              throw new Error(`k ${k}, n ${n}: B[${row},${column}] = ${value}, want ${want}`);
          });
          count++;
        }
    expect(count).toBe(21 * 9 * 2);
  });
});

describe("multiplyAddLoop", () => {
  test("does the stated work", () => {
    const [x] = place(8) as [Buffer];
    view(x).fill(0.5);
    kernels.multiplyAddLoop(x.address, 1, 1, 2);
    expectGuardsUntouched([x], "multiplyAddLoop");
    expect([...view(x)]).toEqual([0.5, 0.5, 0.5, 0.5, ...new Array<number>(4).fill(15 * 0.875)]);
  });
});
