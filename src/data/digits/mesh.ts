import type { Dice } from "./dice.ts";

/** Points in each direction. */
const SIDE = 4;

/**
 * A smooth random distortion of the unit square: a mesh of 4×4 points is pulled about, and the points between follow by
 * the cubic Bernstein polynomials. Straight lines become gentle curves, and proportions change.
 * Source: Sederberg, Parry, "Free-form deformation of solid geometric models", SIGGRAPH 1986.
 */
export class Mesh {
  readonly #pulls = new Float64Array(2 * SIDE * SIDE);

  /** `deviation` is the standard deviation of each point's pull, in both directions. */
  constructor(dice: Dice, deviation: number) {
    for (let i = 0; i < this.#pulls.length; i++) this.#pulls[i] = dice.around(0, deviation);
  }

  /** The distance by which the point (u, v) moves to the right and down. */
  bend(u: number, v: number): [number, number] {
    const [across, down] = [bernstein(u), bernstein(v)];
    let [x, y] = [0, 0];
    for (let row = 0, at = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++, at += 2) {
        const weight = across[column]! * down[row]!;
        x += weight * this.#pulls[at]!;
        y += weight * this.#pulls[at + 1]!;
      }
    }
    return [x, y];
  }
}

function bernstein(t: number): number[] {
  const s = 1 - t;
  return [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
}
