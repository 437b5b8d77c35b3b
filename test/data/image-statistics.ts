import type { DataSet } from "../../src/data/index.ts";

/** What can be measured of one image of a digit. */
export interface ImageStatistics {
  /** Part of the pixels that are not 0. */
  readonly ink: number;
  /** Extent of the ink, and its centre of mass, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly centreX: number;
  readonly centreY: number;
  /** How far the whole leans to the right, for each pixel of height: least squares of x on −y. */
  readonly slant: number;
  /** Width of the lines: twice the area over the length of the outline, which is the sum of the gradients. */
  readonly thickness: number;
}

/** What can be measured of a data set: means over all pixels, and each image by itself. */
export interface Statistics {
  /** Mean grey, 0 to 1. */
  readonly mean: number;
  /** Part of the pixels that are not 0, and of those above 223. */
  readonly inked: number;
  readonly black: number;
  readonly images: readonly ImageStatistics[];
}

/** Measures a data set. */
export function statisticsOf({ images, count }: DataSet): Statistics {
  const part = (test: (byte: number) => boolean): number =>
    images.reduce((sum, byte) => sum + (test(byte) ? 1 : 0), 0) / images.length;
  return {
    mean: images.reduce((sum, byte) => sum + byte, 0) / images.length / 255,
    inked: part((byte) => byte > 0),
    black: part((byte) => byte > 223),
    images: Array.from({ length: count }, (_, i) => measure(images.subarray(i * 784, (i + 1) * 784))),
  };
}

function measure(image: Uint8Array): ImageStatistics {
  const at = (x: number, y: number): number => (x < 28 && y < 28 ? image[y * 28 + x]! : 0);
  let [mass, ink, outline] = [0, 0, 0];
  let [sumX, sumY, sumXY, sumYY] = [0, 0, 0, 0];
  let [left, right, top, bottom] = [28, -1, 28, -1];
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      const grey = at(x, y);
      mass += grey;
      sumX += grey * x;
      sumY += grey * y;
      sumXY += grey * x * y;
      sumYY += grey * y * y;
      const [gx, gy] = [
        at(x + 1, y) - grey + at(x + 1, y + 1) - at(x, y + 1),
        at(x, y + 1) - grey + at(x + 1, y + 1) - at(x + 1, y),
      ];
      outline += Math.sqrt(gx * gx + gy * gy) / 2;
      if (grey === 0) continue;
      ink++;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const [centreX, centreY] = [sumX / mass, sumY / mass];
  return {
    ink: ink / 784,
    width: right - left + 1,
    height: bottom - top + 1,
    centreX,
    centreY,
    slant: -(sumXY / mass - centreX * centreY) / (sumYY / mass - centreY * centreY),
    thickness: (2 * mass) / outline,
  };
}
