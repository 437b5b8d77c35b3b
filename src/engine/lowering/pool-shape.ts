import { checkOptionNames } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { formatShape, type Padding, type PartialShape, type Shape } from "../shape.ts";
import { checkPadding, pairOf, windowShape, type Pair, type WindowAttributes } from "../window.ts";

/** A pool's window, steps and border. */
export interface PoolAttributes extends WindowAttributes {
  readonly window: Pair;
}

/** A pool's attributes and the shape of the x whose gradient is asked for. */
export interface PoolGradAttributes extends PoolAttributes {
  readonly xShape: Shape;
}

/** A pool as users give it: window defaults to 2, strides to the window, padding to "same". */
export interface PoolOptions {
  readonly window?: number | Pair;
  readonly strides?: number | Pair;
  readonly padding?: Padding;
}

/** Options with their defaults. @throws ArgumentError for bad ones. */
export function poolAttributes(op: string, options: PoolOptions): PoolAttributes {
  checkOptionNames(op, options, ["window", "strides", "padding"]);
  const { window = 2, strides = window, padding = "same" } = options;
  checkPadding(op, padding);
  return { window: pairOf(op, "window", window), strides: pairOf(op, "strides", strides), padding };
}

/** The shape rule of both pools. @throws ShapeError for another rank or a window that does not fit. */
export function poolShape(op: string, x: PartialShape, attributes: PoolAttributes): PartialShape {
  if (x.length !== 4) throw new ShapeError(`${op}: x ${formatShape(x)} is not [batch, height, width, channels]`);
  return windowShape(op, x, attributes.window, x[3]!, attributes);
}
