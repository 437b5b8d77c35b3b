// The error function in float64, from its definition: series near 0, continued fraction far from it.

/** 2 / √π. */
const SCALE = 2 / Math.sqrt(Math.PI);

/** From here on the continued fraction is used. Below, it would need many terms; above, 1 − erf would cancel. */
const FAR = 2;

/** Terms of the continued fraction. From FAR on, half of them would give the same float64. */
const TERMS = 200;

/** erf z = 2/√π ∫₀ᶻ e^−t² dt. */
export function erf(z: number): number {
  if (z < 0) return -erf(-z);
  return z < FAR ? series(z) : 1 - fraction(z);
}

/** erfc z = 1 − erf z, with relative accuracy where it is small. */
export function erfc(z: number): number {
  return z < FAR ? 1 - erf(z) : fraction(z);
}

/** erf z = 2/√π e^−z² Σ 2ⁿ z²ⁿ⁺¹ / (2n + 1)!!: all terms are positive (Abramowitz & Stegun 7.1.6). */
function series(z: number): number {
  let [sum, term] = [0, z];
  for (let n = 1; term > sum * 2 ** -60; n++) {
    sum += term;
    term *= (2 * z * z) / (2 * n + 1);
  }
  return SCALE * Math.exp(-z * z) * sum;
}

/**
 * erfc z = e^−z²/√π · 1/(z + (1/2)/(z + (2/2)/(z + (3/2)/(z + …)))), computed from the last term to the first
 * (Abramowitz & Stegun 7.1.14).
 */
function fraction(z: number): number {
  let rest = z;
  for (let n = TERMS; n >= 1; n--) rest = z + n / 2 / rest;
  return (SCALE / 2) * (Math.exp(-z * z) / rest);
}
