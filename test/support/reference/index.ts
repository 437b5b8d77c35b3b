// The meaning of every operation, in float64: naive loops written from the definitions, not from the kernels.
import { batchNorms } from "./batch-norm.ts";
import { transposedConvolutions } from "./conv2d-transpose.ts";
import { convolutions } from "./convolutions.ts";
import { elementwise } from "./elementwise.ts";
import { layout } from "./layout.ts";
import { losses } from "./losses.ts";
import { pools } from "./pooling.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import type { Reference } from "./reference.ts";
import { resizes } from "./resize.ts";

/** References by the operation's name. */
export const references: Readonly<Record<string, Reference>> = {
  ...elementwise,
  ...layout,
  ...reductions,
  ...products,
  ...convolutions,
  ...transposedConvolutions,
  ...pools,
  ...batchNorms,
  ...resizes,
  ...losses,
};

/** The reference of this operation. @throws Error where it has none */
export function referenceOf(operation: string): Reference {
  const reference = references[operation];
  if (reference === undefined) throw new Error(`operation ${operation} has no float64 reference`);
  return reference;
}
