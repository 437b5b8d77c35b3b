// Pools of what relu left, for the tests of the kernels that read its mask (assembly/pool/mask.ts).
import { forEachTap, rowsOf, type Window } from "./windows.ts";

/** Word c >> 5 of a pixel has bit c & 31 where channel c is above 0. */
export function maskOf(values: Float32Array, { channels }: Pick<Window, "channels">): Int32Array {
  const words = Math.ceil(channels / 32);
  const mask = new Int32Array((values.length / channels) * words);
  values.forEach((value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    if (value > 0) mask[pixel * words + (c >> 5)]! |= 1 << (c & 31);
  });
  return mask;
}

/**
 * The float64 pool of a whole batch, and what it is made of: element of y, element of x, elements of its window inside.
 */
export function forEachElement(w: Window, visit: (out: number, input: number, count: number) => void): void {
  const counts = new Int32Array(rowsOf(w));
  forEachTap(w, (row) => counts[row]!++);
  forEachTap(w, (row, _, pixel) => {
    for (let c = 0; c < w.channels; c++) visit(row * w.channels + c, pixel * w.channels + c, counts[row]!);
  });
}

/** The gradient dy where relu let x through, by the mask; else 0. */
export function maskedGradient(w: Window, x: Float32Array, dy: Float32Array): Float32Array {
  const dx = new Float32Array(x.length);
  forEachElement(w, (out, input, count) => {
    if (x[input]! > 0) dx[input] = dy[out]! / count;
  });
  return dx;
}
