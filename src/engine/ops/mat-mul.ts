import { checkOptionNames } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Inputs } from "../graph/operation.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lowerAddBias } from "../lowering/bias.ts";
import { isOneBlock } from "../lowering/product/panel-layout.ts";
import type { Operand } from "../lowering/product/product-sizes.ts";
import { emitProduct } from "../lowering/product/product.ts";
import { compatible, compatibleShapes, formatShape, matrixDims, type PartialShape, type Shape } from "../shape.ts";
import { biasGradient, checkBias } from "./add-bias.ts";
import { on } from "./cases.ts";
import type { ProductDefinition } from "./define-op.ts";
import { reluGrad } from "./unary.ts";

/** The operands that are stored transposed. */
export interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The product and the operations joined to it. Its inputs are a and b; a, b and the bias; or the addend, a and b. */
type ProductAttributes = MatMulAttributes & {
  /** The operand whose zeros are left out because it has many. The rewrite skipZeros sets it. The bits are the same. */
  readonly sparse?: Operand;
} & (
    | { readonly bias?: never; readonly relu?: never; readonly accumulate?: never }
    | { readonly bias: true; readonly relu?: true; readonly accumulate?: never }
    | { readonly bias?: never; readonly relu?: never; readonly accumulate: true }
  );

const PLAIN = { transposeA: false, transposeB: false } as const;
const TRANSPOSED_A = { transposeA: true, transposeB: false } as const;
const TRANSPOSED_B = { transposeA: false, transposeB: true } as const;

/**
 * With `accumulate`, y = addend + a·b is added in the addend's memory, block of k after block. Sums of weight gradients
 * then need no pass of their own. If k is one block (`isOneBlock`), the bits are those of `add`.
 */
export const matMulOp: ProductDefinition<ProductAttributes, 2 | 3> = {
  name: "matMul",
  rows: (_, { transposeA, accumulate }) => (transposeA || accumulate ? 0 : 1),
  zeros: ({ relu }) => (relu ? "many" : "few"),
  weights: 1,
  epilogues: ["bias", "relu"],
  accumulates: ([a], attributes) => !attributes.bias && !attributes.accumulate && isOneBlock(innerSize(a, attributes)),
  readsPanels: ({ transposeA, transposeB }) => !transposeA && !transposeB,
  panelInput: ({ accumulate }) => (accumulate ? 2 : 1),
  writesPanels: ({ bias, accumulate }) => !bias && !accumulate,
  shape(inputs, attributes) {
    const { addend, a, b, bias } = operandsOf(inputs, attributes);
    const y = productShape(a, b, attributes);
    if (bias) checkBias("matMul", y, bias);
    if (addend && !compatibleShapes(addend, y)) {
      throw new ShapeError(`matMul: addend ${formatShape(addend)} does not have the product's shape ${formatShape(y)}`);
    }
    return y;
  },
  gradient(dy, inputs, attributes, y) {
    const { addend, a, b, bias } = operandsOf(inputs, attributes);
    const dz = attributes.relu ? reluGrad(dy, y) : dy;
    const gradients = productGradients(dz, a, b, attributes);
    if (addend) return [dy, ...gradients];
    return bias ? [...gradients, biasGradient(dz)] : gradients;
  },
  lower(emit, y, inputs, attributes) {
    const { addend, a, b, bias } = operandsOf(inputs, attributes);
    const { transposeA, transposeB, sparse, accumulate = false, relu = false } = attributes;
    const [m, n] = matrixDims(y.shape);
    const sizes = { m, n, k: innerSize(a.shape, attributes) };
    if (addend) emit.beginWith(y, addend);
    emitProduct(emit, y, a, b, { ...sizes, transposeA, transposeB, accumulate, ...(sparse && { sparse }) });
    if (bias) lowerAddBias(emit, y, y, bias, relu);
  },
  cases: () => [
    on([3, 5], [5, 4], PLAIN),
    on([5, 3], [5, 4], TRANSPOSED_A),
    on([3, 5], [4, 5], TRANSPOSED_B),
    on([5, 3], [4, 5], { transposeA: true, transposeB: true }),
    on([1, 1], [1, 17], PLAIN),
    on([3, 5], [5, 50], { ...PLAIN, sparse: "a" }),
    on([3, 5], [4, 5], { ...TRANSPOSED_B, sparse: "a" }),
    on([5, 3], [5, 4], { ...TRANSPOSED_A, sparse: "b" }),
    on([3, 5], [5, 4], [4], { ...PLAIN, bias: true }),
    on([3, 5], [4, 5], [4], { ...TRANSPOSED_B, bias: true, relu: true }),
    on([3, 4], [3, 5], [5, 4], { ...PLAIN, accumulate: true }),
    on([3, 4], [5, 3], [5, 4], { ...TRANSPOSED_A, accumulate: true }),
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

interface Operands<T> {
  readonly addend?: T;
  readonly a: T;
  readonly b: T;
  readonly bias?: T | undefined;
}

/** The inputs by name. */
function operandsOf<T>([first, second, third]: Inputs<T, 2 | 3>, { accumulate }: ProductAttributes): Operands<T> {
  return accumulate ? { addend: first, a: second, b: third! } : { a: first, b: second, bias: third };
}

/** The length of the axis that is summed over. */
function innerSize(a: Shape, { transposeA }: MatMulAttributes): number {
  const [rows, columns] = matrixDims(a);
  return transposeA ? rows : columns;
}

/** [m,n]. @throws ShapeError unless a and b are matrices whose inner axes agree. */
function productShape(a: PartialShape, b: PartialShape, { transposeA, transposeB }: MatMulAttributes): PartialShape {
  const shapes = `a ${formatShape(a)}${transposeA ? "ᵀ" : ""} and b ${formatShape(b)}${transposeB ? "ᵀ" : ""}`;
  if (a.length !== 2 || b.length !== 2) throw new ShapeError(`matMul: ${shapes} are not both matrices`);
  const [m, aInner] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [bInner, n] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (!compatible(aInner, bInner))
    throw new ShapeError(`matMul: ${shapes} have inner axes ${aInner} and ${bInner}, which differ`);
  return [m, n];
}

/** [da, db] of y = a·b. */
function productGradients(
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
