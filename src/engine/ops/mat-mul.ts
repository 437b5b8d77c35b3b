import { checkOptionNames } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatible, formatShape, type PartialShape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { emitProduct, type Operand, type Product } from "../lowering/product/product.ts";

/** Which operand is stored transposed. */
export interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Of which operand the zeros are left out, because there are many; the rewrite skipZeros says so. Same bits. */
  readonly sparse?: Operand;
}

export const matMulOp: OpDefinition<MatMulAttributes, 2> = {
  name: "matMul",
  rows: (_, { transposeA }) => (transposeA ? 0 : 1),
  zeros: "few",
  weights: 1,
  readsPanels: ({ transposeA, transposeB }) => !transposeA && !transposeB,
  shape: ([a, b], attributes) => productShape("matMul", a, b, attributes),
  gradient: (dy, [a, b], attributes) => productGradients(dy, a, b, attributes),
  lower: (emit, y, [a, b], attributes) => emitProduct(emit, y, a, b, productOf(y.shape, a.shape, attributes)),
  panelInput: 1,
  writesPanels: true,
  cases: [
    {
      inputs: [
        [3, 5],
        [5, 4],
      ],
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: [
        [5, 3],
        [5, 4],
      ],
      attributes: { transposeA: true, transposeB: false },
    },
    {
      inputs: [
        [3, 5],
        [4, 5],
      ],
      attributes: { transposeA: false, transposeB: true },
    },
    {
      inputs: [
        [5, 3],
        [4, 5],
      ],
      attributes: { transposeA: true, transposeB: true },
    },
    {
      inputs: [
        [1, 1],
        [1, 17],
      ],
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: [
        [3, 5],
        [5, 50],
      ],
      attributes: { transposeA: false, transposeB: false, sparse: "a" },
    },
    {
      inputs: [
        [3, 5],
        [4, 5],
      ],
      attributes: { transposeA: false, transposeB: true, sparse: "a" },
    },
    {
      inputs: [
        [5, 3],
        [5, 4],
      ],
      attributes: { transposeA: true, transposeB: false, sparse: "b" },
    },
  ],
};

/**
 * Matrix product y = a·b.  a [m,k], b [k,n] → y [m,n]; with transposeA a is stored [k,m], with transposeB b is [n,k].
 * da = dy·bᵀ, db = aᵀ·dy. Each element sums k in blocks of 64 (of 48 where k > 256), in order.
 * @throws ShapeError unless both are matrices whose inner axes agree.
 */
export function matMul(a: Tensor, b: Tensor, options: Partial<MatMulAttributes> = {}): Tensor {
  checkOptionNames("matMul", options, ["transposeA", "transposeB"]);
  const { transposeA = false, transposeB = false } = options;
  return apply(matMulOp, [a, b], { transposeA, transposeB });
}

/** [m,n]. @throws ShapeError unless a and b are matrices whose inner axes agree. */
export function productShape(
  op: string,
  a: PartialShape,
  b: PartialShape,
  { transposeA, transposeB }: MatMulAttributes,
): PartialShape {
  const shapes = `a ${formatShape(a)}${transposeA ? "ᵀ" : ""} and b ${formatShape(b)}${transposeB ? "ᵀ" : ""}`;
  if (a.length !== 2 || b.length !== 2) throw new ShapeError(`${op}: ${shapes} are not both matrices`);
  const [m, aInner] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [bInner, n] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (!compatible(aInner, bInner))
    throw new ShapeError(`${op}: ${shapes} have inner axes ${aInner} and ${bInner}, which differ`);
  return [m, n];
}

/** [da, db] of y = a·b. */
export function productGradients(
  dy: Tensor,
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: MatMulAttributes,
): [Tensor, Tensor] {
  const da = transposeA
    ? matMul(b, dy, { transposeA: transposeB, transposeB: true })
    : matMul(dy, b, { transposeB: !transposeB });
  const db = transposeB
    ? matMul(dy, a, { transposeA: true, transposeB: transposeA })
    : matMul(a, dy, { transposeA: !transposeA });
  return [da, db];
}

/** The sizes of y = a·b for the product kernels. */
export function productOf(y: readonly number[], a: readonly number[], attributes: MatMulAttributes): Product {
  return { m: y[0]!, n: y[1]!, k: a[attributes.transposeA ? 0 : 1]!, ...attributes };
}
