// Transposed convolution, from its definition: each pixel of x adds a window of y.
import type { Pair, WindowAttributes } from "../../../src/engine/window.ts";
import { biased } from "./products.ts";
import { inputGradientBounds } from "./convolution.ts";
import { reference, type Reference } from "./reference.ts";
import { zerosOf, type Value } from "./value.ts";

type TransposeAttributes = WindowAttributes & {
  readonly outputShape?: Pair;
  readonly bias?: true;
  readonly relu?: true;
};

/** SAME centres the windows over y; VALID begins at its corner. */
function offsetOf(x: number, y: number, window: number, stride: number, padding: string): number {
  const covered = (x - 1) * stride + window;
  return padding === "valid" ? 0 : Math.floor(Math.max(covered - y, 0) / 2);
}

const values: Reference<TransposeAttributes>["values"] = ([x, filter, bias], attributes, shape) => {
  const { strides, padding, relu } = attributes;
  const [batch, inHeight, inWidth, inChannels] = x!.shape as [number, number, number, number];
  const [, outHeight, outWidth, outChannels] = shape as [number, number, number, number];
  const [height, width] = filter!.shape as [number, number];
  const top = offsetOf(inHeight, outHeight, height, strides[0], padding);
  const left = offsetOf(inWidth, outWidth, width, strides[1], padding);
  const y: Value = zerosOf(shape);
  for (let pixel = 0; pixel < batch * inHeight * inWidth; pixel++) {
    const image = Math.floor(pixel / (inHeight * inWidth));
    const [row, column] = [Math.floor(pixel / inWidth) % inHeight, pixel % inWidth];
    for (let tap = 0; tap < height * width; tap++) {
      const outRow = row * strides[0] - top + Math.floor(tap / width);
      const outColumn = column * strides[1] - left + (tap % width);
      if (outRow < 0 || outRow >= outHeight || outColumn < 0 || outColumn >= outWidth) continue;
      const to = ((image * outHeight + outRow) * outWidth + outColumn) * outChannels;
      for (let o = 0; o < outChannels; o++) {
        for (let i = 0; i < inChannels; i++) {
          const weight = filter!.data[(tap * outChannels + o) * inChannels + i]!;
          y.data[to + o]! += x!.data[pixel * inChannels + i]! * weight;
        }
      }
    }
  }
  return [bias === undefined ? y : biased(y, bias, relu === true)];
};

/** Transposed convolutions by name. */
export const transposedConvolutions: Readonly<Record<string, Reference>> = {
  conv2dTranspose: reference<TransposeAttributes>({
    values,
    bounds: inputGradientBounds(values, ([, filter, bias]) => {
      const [height, width, , inChannels] = filter!.shape as [number, number, number, number];
      return height * width * inChannels + (bias === undefined ? 0 : 1);
    }),
  }),
};
