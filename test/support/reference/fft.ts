// The spectrum of 16×16 real numbers by its definition, in float64, in the planes of assembly/fft/spectrum.ts.

/** Points along an axis. */
export const POINTS = 16;

/** A complex number. */
export type Complex = readonly [real: number, imaginary: number];

/** The place of a value in the spectrum. A complex one takes three planes from `plane` on, a real one a single one. */
export interface SpectrumValue {
  readonly row: number;
  readonly column: number;
  readonly plane: number;
  readonly real: boolean;
}

/** The 126 complex values and the 4 real ones. */
export const SPECTRUM: readonly SpectrumValue[] = [
  ...Array.from({ length: 7 * 16 }, (_, v) => ({ row: v % 16, column: 1 + Math.floor(v / 16) })),
  ...[0, 8].flatMap((column) => Array.from({ length: 7 }, (_, i) => ({ row: i + 1, column }))),
]
  .map(({ row, column }, v) => ({ row, column, plane: 3 * v, real: false }))
  .concat([0, 8].flatMap((column, i) => [0, 8].map((row, j) => ({ row, column, plane: 378 + 2 * i + j, real: true }))));

/** A number for each place. A missing place counts as 0. */
export type Pixels = ReadonlyMap<number, number>;

/** The place of a row and a column, each taken modulo 16. */
export const placeOf = (row: number, column: number): number => (row & 15) * POINTS + (column & 15);

/** The planes' numbers. A complex value has three: its parts and their sum. */
export function planesOf(pixels: Pixels): Float64Array {
  const planes = new Float64Array(382);
  for (const { row, column, plane, real } of SPECTRUM) {
    let [re, im] = [0, 0];
    for (const [place, value] of pixels) {
      const turn = angle(row * (place >> 4) + column * (place & 15));
      re += value * Math.cos(turn);
      im -= value * Math.sin(turn);
    }
    planes.set(real ? [re] : [re, im, re + im], plane);
  }
  return planes;
}

/**
 * The number at a place, from its spectrum. The complex values are given in the form that plane-by-plane products have.
 */
export function pixelOf(planes: (plane: number) => number, row: number, column: number): number {
  let sum = 0;
  for (const value of SPECTRUM) {
    const turn = angle(value.row * row + value.column * column);
    if (value.real) {
      sum += planes(value.plane) * Math.cos(turn);
    } else {
      const [re, im] = complexOf(planes, value.plane);
      // Its conjugate represents the other half.
      sum += 2 * (re * Math.cos(turn) - im * Math.sin(turn));
    }
  }
  return sum / POINTS ** 2;
}

/** (a + ib)(c + id) from ac, bd and (a + b)(c + d). */
function complexOf(planes: (plane: number) => number, plane: number): Complex {
  const [ac, bd, sums] = [planes(plane), planes(plane + 1), planes(plane + 2)];
  return [ac - bd, sums - ac - bd];
}

function angle(steps: number): number {
  return (2 * Math.PI * steps) / POINTS;
}
