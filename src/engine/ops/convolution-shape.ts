// The shape rules and epilogues that convolutions share.
import { ShapeError } from "../errors.ts";
import type { PoolAttributes } from "../lowering/pool-shape.ts";
import { compatible, formatShape, isConcrete, type PartialShape, type Shape } from "../shape.ts";
import { windowShape, type Pair, type WindowAttributes } from "../window.ts";

/** The epilogue: nothing; or a bias; or a bias, then relu. */
export type BiasEpilogue =
  | { readonly bias?: never; readonly relu?: never; readonly pool?: never }
  | { readonly bias: true; readonly relu?: true; readonly pool?: never };

/** The same, and a pool may follow relu. The pool's windows cover every pixel once. */
export type PoolEpilogue = BiasEpilogue | { readonly bias: true; readonly relu: true; readonly pool: PoolAttributes };

/** The shape rule of conv2d. @throws ShapeError for other ranks, channels that differ or a window that does not fit. */
export function convolutionShape(
  op: string,
  x: PartialShape,
  filter: PartialShape,
  attributes: WindowAttributes,
): PartialShape {
  const shapes = `x ${formatShape(x)} and filter ${formatShape(filter)}`;
  if (x.length !== 4 || filter.length !== 4) {
    throw new ShapeError(`${op}: ${shapes} are not [batch, height, width, channels] and [height, width, in, out]`);
  }
  if (!isConcrete(filter)) throw new ShapeError(`${op}: filter ${formatShape(filter)} has an unknown axis`);
  if (!compatible(x[3]!, filter[2]!)) {
    throw new ShapeError(`${op}: ${shapes} have ${x[3]} and ${filter[2]} input channels, which differ`);
  }
  return windowShape(op, x, filterWindow(filter), filter[3]!, attributes);
}

/** A filter's height and width. */
export function filterWindow(filter: Shape): Pair {
  return [filter[0]!, filter[1]!];
}
