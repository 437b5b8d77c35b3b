/**
 * A variable's values before training, drawn by the session when the variable is first needed. Random ones depend on
 * the session's seed and the variable's name alone.
 */
export type Initializer =
  /** Every element is `value`. */
  | { readonly kind: "constant"; readonly value: number }
  /** Normal with mean 0 and this standard deviation. */
  | { readonly kind: "normal"; readonly stddev: number }
  /** The same, but values beyond two standard deviations are drawn again. */
  | { readonly kind: "truncatedNormal"; readonly stddev: number };
