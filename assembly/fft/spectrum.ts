import { LIMITS } from "../conv/own-terms";
import { complexFft, realFft, realFftInverse } from "./transforms";

// The spectrum of 16 x 16 real numbers, of sixteen channels side by side, spread over planes.
//
// Along both axes 16 values are packed as the two real and seven complex ones of transforms.ts, so a spectrum has 4
// real values and 126 complex ones. A product of complex numbers takes three real products, not four (Karatsuba;
// Gauss):
//
//   (a + ib)(c + id) = (ac - bd) + i((a + b)(c + d) - ac - bd)
//
// So a complex value takes three planes, for its real part, its imaginary part and their sum, and products go plane by
// plane:
//
//   planes  3 v, 3 v + 1, 3 v + 2   value v: of column k = 1 .. 7 and row u = 0 .. 15 at v = 16 (k - 1) + u,
//                                   of column 0 and row u = 1 .. 7 at v = 111 + u, of column 8 at v = 118 + u
//           378 .. 381              the real values of (row, column) = (0, 0), (8, 0), (0, 8), (8, 8)
//
//   scratch  the 16 rows between the two axes, a line of 16 numbers, a line of 16 complex numbers, the spare of
//            transforms.ts, and a block of limits (../conv/own-terms.ts): [16][16][16], [16][16], [16][2][16], [32][4],
//            [40] floats

// Points of the transform along an axis.
export const POINTS: i32 = 16;

// Planes of a spectrum.
export const PLANES: i32 = 382;

// The factor that takes the numbers of rowsFromPlanes and lineFromRow to those of the transform: a power of two.
export const SCALE: f32 = 1.0 / 128.0;

const FIRST_OF_COLUMN_0: usize = 3 * 112;
const PLANES_OF_COLUMN_0: usize = 3 * 7;
const FIRST_REAL: usize = 378;

const REAL: usize = 64;
const COMPLEX: usize = 128;
const ROW: usize = 16 * REAL;
const LINE: usize = 16 * ROW;
const VALUES: usize = LINE + ROW;
const SPARE: usize = VALUES + 16 * COMPLEX;

const OWN_TERMS: usize = SPARE + 32 * 16;

// Floats of scratch.
export const SCRATCH_FLOATS: i32 = <i32>(OWN_TERMS >> 2) + LIMITS;

// The address of row i of the 16 x 16 between the transforms.
export function rowAt(scratch: usize, i: i32): usize {
  return scratch + <usize>i * ROW;
}

// The address of sixteen numbers beside the 16 x 16.
export function lineAt(scratch: usize): usize {
  return scratch + LINE;
}

// The address of LIMITS numbers that no transform uses.
export function limitsAt(scratch: usize): usize {
  return scratch + OWN_TERMS;
}

// The address of sixteen complex numbers, which only the transforms of columns use.
function valuesAt(scratch: usize): usize {
  return scratch + VALUES;
}

// Transforms the line of 16 numbers into row i.
export function rowFromLine(scratch: usize, i: i32, twiddles: usize): void {
  realFft(rowAt(scratch, i), scratch + LINE, REAL, twiddles, scratch + SPARE);
}

// Transforms row i back into the line.
export function lineFromRow(scratch: usize, i: i32, twiddles: usize): void {
  realFftInverse(scratch + LINE, REAL, rowAt(scratch, i), twiddles, scratch + SPARE);
}

// Transforms the columns of the transformed rows, to planes that lie `plane` bytes apart.
export function planesFromRows(to: usize, plane: usize, scratch: usize, twiddles: usize): void {
  const values = valuesAt(scratch);
  const spare = scratch + SPARE;
  for (let k: usize = 0; k < 7; k++) {
    complexFft(values, COMPLEX, REAL, scratch + (1 + k) * COMPLEX, ROW, REAL, twiddles, spare);
    spread(to + 48 * k * plane, plane, values, 16);
  }
  for (let end: usize = 0; end < 2; end++) {
    realFft(values, scratch + end * REAL, ROW, twiddles, spare);
    spread(to + (FIRST_OF_COLUMN_0 + end * PLANES_OF_COLUMN_0) * plane, plane, values + COMPLEX, 7);
    const real = to + (FIRST_REAL + 2 * end) * plane;
    memory.copy(real, values, REAL);
    memory.copy(real + plane, values + REAL, REAL);
  }
}

// Writes complex numbers and the sums of their parts.
function spread(to: usize, plane: usize, from: usize, count: i32): void {
  for (; count > 0; count--, from += COMPLEX) {
    const r0 = v128.load(from);
    const r1 = v128.load(from, 16);
    const r2 = v128.load(from, 32);
    const r3 = v128.load(from, 48);
    v128.store(to, r0);
    v128.store(to, r1, 16);
    v128.store(to, r2, 32);
    v128.store(to, r3, 48);
    to += plane;
    const i0 = v128.load(from, 64);
    const i1 = v128.load(from, 80);
    const i2 = v128.load(from, 96);
    const i3 = v128.load(from, 112);
    v128.store(to, i0);
    v128.store(to, i1, 16);
    v128.store(to, i2, 32);
    v128.store(to, i3, 48);
    to += plane;
    v128.store(to, f32x4.add(r0, i0));
    v128.store(to, f32x4.add(r1, i1), 16);
    v128.store(to, f32x4.add(r2, i2), 32);
    v128.store(to, f32x4.add(r3, i3), 48);
    to += plane;
  }
}

// Gathers products plane by plane and transforms their columns back. From these rows lineFromRow makes 128 times the
// numbers whose spectrum it was.
export function rowsFromPlanes(scratch: usize, from: usize, plane: usize, twiddles: usize): void {
  const values = valuesAt(scratch);
  const spare = scratch + SPARE;
  for (let k: usize = 0; k < 7; k++) {
    gather(values, from + 48 * k * plane, plane, 16);
    const to = scratch + (1 + k) * COMPLEX;
    complexFft(to + REAL, ROW, -REAL, values + REAL, COMPLEX, -REAL, twiddles, spare);
  }
  for (let end: usize = 0; end < 2; end++) {
    const real = from + (FIRST_REAL + 2 * end) * plane;
    halve(values, real);
    halve(values + REAL, real + plane);
    gather(values + COMPLEX, from + (FIRST_OF_COLUMN_0 + end * PLANES_OF_COLUMN_0) * plane, plane, 7);
    realFftInverse(scratch + end * REAL, ROW, values, twiddles, spare);
  }
}

// Makes complex products of their three real ones.
function gather(to: usize, from: usize, plane: usize, count: i32): void {
  for (; count > 0; count--, from += 3 * plane, to += REAL) {
    for (const end = to + REAL; to < end; to += 16, from += 16) {
      const real = v128.load(from);
      const imaginary = v128.load(from + plane);
      v128.store(to, f32x4.sub(real, imaginary));
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(from + 2 * plane), real), imaginary), 64);
    }
    from -= REAL;
  }
}

function halve(to: usize, from: usize): void {
  for (const end = to + REAL; to < end; to += 16, from += 16) {
    v128.store(to, f32x4.mul(f32x4.splat(0.5), v128.load(from)));
  }
}
