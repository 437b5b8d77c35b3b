// The windows' walk over an image, from TensorFlow's definition of SAME and VALID.
import type { Shape } from "../../../src/engine/shape.ts";
import type { Pair, WindowAttributes } from "../../../src/engine/window.ts";

/**
 * Visits every element of every window that lies inside the image: where its pixel begins in x [batch, height, width,
 * channels], its number in the window, and where the window's result begins in y [batch, outHeight, outWidth, …].
 */
export function forEachTap(
  x: Shape,
  window: Pair,
  y: Shape,
  { strides, padding }: WindowAttributes,
  visit: (xStart: number, tap: number, yStart: number) => void,
): void {
  const [, height, width, channels] = x as [number, number, number, number];
  const [batch, outHeight, outWidth, outChannels] = y as [number, number, number, number];
  const before = (size: number, out: number, axis: 0 | 1): number =>
    padding === "valid" ? 0 : Math.floor(Math.max((out - 1) * strides[axis] + window[axis] - size, 0) / 2);
  const [top, left] = [before(height, outHeight, 0), before(width, outWidth, 1)];
  for (let image = 0; image < batch; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const yStart = ((image * outHeight + outRow) * outWidth + outColumn) * outChannels;
        for (let i = 0; i < window[0]; i++) {
          const row = outRow * strides[0] + i - top;
          if (row < 0 || row >= height) continue;
          for (let j = 0; j < window[1]; j++) {
            const column = outColumn * strides[1] + j - left;
            if (column < 0 || column >= width) continue;
            visit(((image * height + row) * width + column) * channels, i * window[1] + j, yStart);
          }
        }
      }
    }
  }
}
