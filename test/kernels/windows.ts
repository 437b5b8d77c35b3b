// Windows over images, for the tests of convolution and pooling.

/** The geometry table's fields, by name. */
export interface Window {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

type Shape = [batch: number, height: number, width: number, channels: number];
type Pair = [height: number, width: number];

/** Padding and output size as TensorFlow defines them. */
export function windowOf(shape: Shape, filter: Pair, stride: Pair, padding: "same" | "valid"): Window {
  const [batch, inHeight, inWidth, channels] = shape;
  const axis = (size: number, taps: number, step: number): [out: number, before: number] => {
    if (padding === "valid") return [Math.floor((size - taps) / step) + 1, 0];
    const out = Math.ceil(size / step);
    return [out, Math.floor(Math.max((out - 1) * step + taps - size, 0) / 2)];
  };
  const [outHeight, padTop] = axis(inHeight, filter[0], stride[0]);
  const [outWidth, padLeft] = axis(inWidth, filter[1], stride[1]);
  const [filterHeight, filterWidth] = filter;
  const [strideHeight, strideWidth] = stride;
  return {
    batch,
    inHeight,
    inWidth,
    channels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padTop,
    padLeft,
    outHeight,
    outWidth,
  };
}

/** Every edge: one pixel, odd sizes, filters larger than the image, strides than filters, channels near the lanes. */
export const windows: readonly Window[] = [
  windowOf([1, 1, 1, 1], [1, 1], [1, 1], "same"),
  windowOf([2, 1, 1, 3], [5, 5], [1, 1], "same"),
  windowOf([1, 2, 3, 1], [5, 4], [1, 1], "same"),
  windowOf([2, 6, 7, 1], [5, 5], [1, 1], "same"),
  windowOf([2, 7, 5, 2], [3, 3], [2, 2], "same"),
  windowOf([1, 8, 8, 1], [3, 3], [2, 2], "same"),
  windowOf([3, 4, 6, 4], [2, 2], [2, 2], "same"),
  windowOf([2, 5, 5, 5], [2, 2], [2, 2], "same"),
  windowOf([1, 7, 4, 16], [3, 2], [1, 2], "same"),
  windowOf([2, 3, 3, 17], [3, 3], [1, 1], "same"),
  windowOf([1, 9, 7, 30], [2, 3], [3, 2], "valid"),
  windowOf([2, 7, 8, 6], [1, 1], [2, 2], "same"),
  windowOf([1, 8, 9, 3], [2, 2], [3, 3], "valid"),
  windowOf([1, 6, 5, 33], [4, 3], [1, 1], "valid"),
  windowOf([1, 5, 6, 1], [4, 4], [2, 3], "same"),
];

export const tableOf = (w: Window): Int32Array => Int32Array.from(Object.values(w));
export const labelOf = (w: Window): string => Object.values(w).join(" ");
export const rowsOf = (w: Window): number => w.batch * w.outHeight * w.outWidth;
export const imageLength = (w: Window): number => w.inHeight * w.inWidth * w.channels;

/** Images to start from: the first and the last. */
export const firstImages = (w: Window): number[] => [...new Set([0, w.batch - 1])];

/** Visits every tap of every window inside its image, rows and taps ascending; tap = ky * filterWidth + kx. */
export function forEachTap(w: Window, visit: (row: number, tap: number, pixel: number) => void): void {
  for (let row = 0; row < rowsOf(w); row++) {
    const ox = row % w.outWidth;
    const oy = Math.floor(row / w.outWidth) % w.outHeight;
    const image = Math.floor(row / (w.outWidth * w.outHeight));
    for (let tap = 0; tap < w.filterHeight * w.filterWidth; tap++) {
      const iy = oy * w.strideHeight - w.padTop + Math.floor(tap / w.filterWidth);
      const ix = ox * w.strideWidth - w.padLeft + (tap % w.filterWidth);
      if (iy < 0 || iy >= w.inHeight || ix < 0 || ix >= w.inWidth) continue;
      visit(row, tap, (image * w.inHeight + iy) * w.inWidth + ix);
    }
  }
}
