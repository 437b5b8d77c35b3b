import { checkNumbers } from "./arguments.ts";
import { ArgumentError, ShapeError } from "./errors.ts";
import { formatShape, type Dim, type Padding, type PartialShape, type Shape } from "./shape.ts";

/** Height and width of a window or of its steps, in pixels. */
export type Pair = readonly [height: number, width: number];

/** The steps of a window of a convolution or a pool, and its treatment of the border. */
export interface WindowAttributes {
  readonly strides: Pair;
  readonly padding: Padding;
}

/** A window's arithmetic on known sizes: NHWC input, output extent, zeros before the image. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Strides or window sizes as users give them: one number for both axes, or a pair. @throws ArgumentError. */
export function pairOf(op: string, what: string, value: number | Pair): Pair {
  const pair: Pair = typeof value === "number" ? [value, value] : value;
  checkNumbers(`${op}: ${what}`, pair);
  if (pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n >= 1)) {
    throw new ArgumentError(`${op}: ${what} [${pair.join(",")}] is not an integer ≥ 1 or a pair of them`);
  }
  return pair;
}

/** @throws ArgumentError unless the padding is "same" or "valid". */
export function checkPadding(op: string, padding: string): void {
  if (padding !== "same" && padding !== "valid") {
    throw new ArgumentError(`${op}: padding "${padding}" is neither "same" nor "valid"`);
  }
}

/**
 * Output size of one axis. SAME: ceil(in / stride); VALID: ceil((in − k + 1) / stride).
 * (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2)
 */
export function windowOutput(size: Dim, window: number, stride: number, padding: Padding): Dim {
  if (size === null) return null;
  return Math.ceil((padding === "same" ? size : size - window + 1) / stride);
}

/** Output shape [batch, outHeight, outWidth, channels]. @throws ShapeError if a VALID window does not fit. */
export function windowShape(
  op: string,
  x: PartialShape,
  window: Pair,
  channels: Dim,
  { strides, padding }: WindowAttributes,
): PartialShape {
  const [batch = null, height = null, width = null] = x;
  const outHeight = windowOutput(height, window[0], strides[0], padding);
  const outWidth = windowOutput(width, window[1], strides[1], padding);
  if ((outHeight !== null && outHeight < 1) || (outWidth !== null && outWidth < 1)) {
    throw new ShapeError(
      `${op}: a window of ${formatShape(window)} does not fit into x ${formatShape(x)} with padding "valid"`,
    );
  }
  return [batch, outHeight, outWidth, channels];
}

/**
 * All numbers of a window over a known input. SAME: total = max((out−1)·stride + k − in, 0) zeros,
 * floor(total / 2) of them before the image.
 */
export function windowGeometry(
  x: Shape,
  window: Pair,
  y: Shape,
  { strides, padding }: WindowAttributes,
): WindowGeometry {
  const [batch, inHeight, inWidth, inChannels] = x as [number, number, number, number];
  const [, outHeight, outWidth] = y as [number, number, number, number];
  const before = (size: number, out: number, axis: 0 | 1): number =>
    padding === "valid" ? 0 : Math.floor(Math.max((out - 1) * strides[axis] + window[axis] - size, 0) / 2);
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    filterHeight: window[0],
    filterWidth: window[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: before(inHeight, outHeight, 0),
    padLeft: before(inWidth, outWidth, 1),
    outHeight,
    outWidth,
  };
}
