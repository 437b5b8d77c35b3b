/** One of a product's two matrices. */
export type Operand = "a" | "b";

/** c [m,n] = (accumulate ? c : 0) + a·b. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** a is stored [k,m] instead of [m,k]. */
  readonly transposeA?: boolean;
  /** b is stored [n,k] instead of [k,n]. */
  readonly transposeB?: boolean;
  /** Adds to what c holds. */
  readonly accumulate?: boolean;
  /** The matrix with enough zeros that leaving them out pays. Zeros are multiplied if no kernel can leave them out. */
  readonly sparse?: Operand;
}
