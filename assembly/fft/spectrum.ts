import { LIMITS } from "../conv/own-terms";
import { complexFourier, realFourier, realFourierInverse } from "./transforms";

// The spectrum of 16 x 16 real numbers, of sixteen channels side by side, spread over planes.
//
// Along both axes 16 values are packed as the two real and seven complex ones of transforms.ts; so there are 4 real values and 126
// complex ones. A product of complex numbers takes three real products, not four (Karatsuba; Gauss):
//
//   (a + ib)(c + id) = (ac - bd) + i((a + b)(c + d) - ac - bd)
//
// so a complex value takes three planes, for its real part, its imaginary part and their sum, and products are made plane by plane:
//
//   planes  3 v, 3 v + 1, 3 v + 2   value v: of column k = 1 .. 7 and row u = 0 .. 15 at v = 16 (k - 1) + u,
//                                   of column 0 and row u = 1 .. 7 at v = 111 + u, of column 8 at v = 118 + u
//           378 .. 381              the real values of (row, column) = (0, 0), (8, 0), (0, 8), (8, 8)
//
//   scratch  16 rows of what lies between the axes, a line of 16 numbers, a line of 16 complex ones, transforms.ts's spare, a block's
//            limits (../conv/own-terms.ts): [16][16][16], [16][16], [16][2][16], [32][4], [40] floats

// Planes of a spectrum.
export const PLANES: i32 = 382;

// What rowsFromPlanes and lineFromRow leave to multiply with: a power of two.
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

// Bytes of scratch.
export const SCRATCH: usize = OWN_TERMS + 4 * LIMITS;

// Where row i of the 16 x 16 lies between the transforms.
export function rowAt(scratch: usize, i: i32): usize {
  return scratch + <usize>i * ROW;
}

// Sixteen numbers beside the 16 x 16.
export function lineAt(scratch: usize): usize {
  return scratch + LINE;
}

// LIMITS numbers that no transform uses.
export function limitsAt(scratch: usize): usize {
  return scratch + OWN_TERMS;
}

// Sixteen complex numbers more, which only the transforms of columns use.
function valuesAt(scratch: usize): usize {
  return scratch + VALUES;
}

// The line of 16 numbers to its place among the rows.
export function rowFromLine(scratch: usize, i: i32, turns: usize): void {
  realFourier(rowAt(scratch, i), scratch + LINE, REAL, turns, scratch + SPARE);
}

// Row i to the line.
export function lineFromRow(scratch: usize, i: i32, turns: usize): void {
  realFourierInverse(scratch + LINE, REAL, rowAt(scratch, i), turns, scratch + SPARE);
}

// Transforms the columns of what the rows have become, to planes `plane` bytes apart.
export function planesFromRows(to: usize, plane: usize, scratch: usize, turns: usize): void {
  const values = valuesAt(scratch);
  const spare = scratch + SPARE;
  for (let k: usize = 0; k < 7; k++) {
    complexFourier(values, COMPLEX, REAL, scratch + (1 + k) * COMPLEX, ROW, REAL, turns, spare);
    spread(to + 48 * k * plane, plane, values, 16);
  }
  for (let end: usize = 0; end < 2; end++) {
    realFourier(values, scratch + end * REAL, ROW, turns, spare);
    spread(to + (FIRST_OF_COLUMN_0 + end * PLANES_OF_COLUMN_0) * plane, plane, values + COMPLEX, 7);
    const real = to + (FIRST_REAL + 2 * end) * plane;
    memory.copy(real, values, REAL);
    memory.copy(real + plane, values + REAL, REAL);
  }
}

// Complex numbers and their sums.
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

// Gathers products plane by plane, and transforms their columns back. The rows are then such that lineFromRow makes of them 128
// times the numbers whose spectrum it was.
export function rowsFromPlanes(scratch: usize, from: usize, plane: usize, turns: usize): void {
  const values = valuesAt(scratch);
  const spare = scratch + SPARE;
  for (let k: usize = 0; k < 7; k++) {
    gather(values, from + 48 * k * plane, plane, 16);
    const to = scratch + (1 + k) * COMPLEX;
    complexFourier(to + REAL, ROW, -REAL, values + REAL, COMPLEX, -REAL, turns, spare);
  }
  for (let end: usize = 0; end < 2; end++) {
    const real = from + (FIRST_REAL + 2 * end) * plane;
    halve(values, real);
    halve(values + REAL, real + plane);
    gather(values + COMPLEX, from + (FIRST_OF_COLUMN_0 + end * PLANES_OF_COLUMN_0) * plane, plane, 7);
    realFourierInverse(scratch + end * REAL, ROW, values, turns, spare);
  }
}

// Complex products of their three real ones.
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
