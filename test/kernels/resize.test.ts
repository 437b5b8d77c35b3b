import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  checkKernels,
  ExactSum,
  expectedSums,
  f,
  integers,
  type KernelCase,
  noise,
  withSpecials,
} from "./check-kernel.ts";

const memory = await KernelMemory.create();

type Size = [batch: number, inHeight: number, inWidth: number, outHeight: number, outWidth: number, channels: number];
/** Up, down, by odd factors, to and from one pixel, one axis only; channels around the lanes. */
const sizes: Size[] = [
  [1, 1, 1, 1, 1, 1],
  [2, 1, 1, 3, 2, 5],
  [1, 4, 5, 1, 1, 2],
  [2, 4, 3, 8, 6, 4],
  [1, 5, 7, 11, 3, 3],
  [3, 6, 4, 6, 9, 9],
  [1, 7, 5, 3, 13, 1],
  [1, 3, 49, 1, 50, 7],
];

/** The legacy rule on one axis, in float32. */
function source(destination: number, inSize: number, outSize: number): { low: number; high: number; weight: number } {
  const position = f(destination * f(inSize / outSize));
  const low = Math.min(Math.floor(position), inSize - 1);
  return { low, high: Math.min(low + 1, inSize - 1), weight: f(position - low) };
}

/** Calls `visit` for every output element with its four sources, elements of x, and the two weights. */
function forEachOutput(
  [batch, inHeight, inWidth, outHeight, outWidth, channels]: Size,
  visit: (out: number, sources: [number, number, number, number], weightY: number, weightX: number) => void,
): void {
  let out = 0;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const y = source(oy, inHeight, outHeight);
        const x = source(ox, inWidth, outWidth);
        const at = (row: number, column: number, c: number): number =>
          ((image * inHeight + row) * inWidth + column) * channels + c;
        for (let c = 0; c < channels; c++) {
          visit(
            out++,
            [at(y.low, x.low, c), at(y.low, x.high, c), at(y.high, x.low, c), at(y.high, x.high, c)],
            y.weight,
            x.weight,
          );
        }
      }
    }
  }
}

const inLength = ([batch, inHeight, inWidth, , , channels]: Size): number => batch * inHeight * inWidth * channels;
const outLength = ([batch, , , outHeight, outWidth, channels]: Size): number => batch * outHeight * outWidth * channels;
type Sizes = [number, number, number, number, number];
const withoutBatch = ([, ...rest]: Size): Sizes => rest;

test("resizeBilinear interpolates in TensorFlow's order, bit for bit; NaN comes through", () => {
  const mix = (a: number, b: number, weight: number): number => f(a + f(f(b - a) * weight));
  const cases = sizes.map((size): KernelCase => {
    const x = withSpecials(inLength(size), 1);
    const values = new Float32Array(outLength(size));
    forEachOutput(size, (out, s, weightY, weightX) => {
      const [topLeft, topRight, bottomLeft, bottomRight] = s.map((element) => x[element]!) as typeof s;
      values[out] = mix(mix(topLeft, topRight, weightX), mix(bottomLeft, bottomRight, weightX), weightY);
    });
    return {
      label: `resizeBilinear ${size.join(" ")}`,
      inputs: [x],
      outputs: [values.length],
      extent: size[0] * size[3],
      run: (k, [y], [from], ...range) => k.resizeBilinear(y!, from!, ...withoutBatch(size), ...range),
      expected: [{ values }],
    };
  });
  checkKernels(memory, cases);
});

test("resizeBilinearGrad spreads each gradient over its four sources", () => {
  const cases = sizes.map((size): KernelCase => {
    const dy = noise(outLength(size), 2);
    const sums = Array.from({ length: inLength(size) }, () => new ExactSum());
    forEachOutput(size, (out, [topLeft, topRight, bottomLeft, bottomRight], wy, wx) => {
      sums[topLeft]!.add(dy[out]! * (1 - wy) * (1 - wx));
      sums[topRight]!.add(dy[out]! * (1 - wy) * wx);
      sums[bottomLeft]!.add(dy[out]! * wy * (1 - wx));
      sums[bottomRight]!.add(dy[out]! * wy * wx);
    });
    return {
      label: `resizeBilinearGrad ${size.join(" ")}`,
      inputs: [dy],
      outputs: [sums.length],
      extent: size[0],
      run: (k, [dx], [from], ...range) => k.resizeBilinearGrad(dx!, from!, ...withoutBatch(size), ...range),
      expected: [expectedSums(sums, 2)],
    };
  });
  checkKernels(memory, cases);
});

test("doubling is the legacy rule's: pixels, means between them, and the last one twice", () => {
  memory.reset();
  const [x, y] = [memory.place(Float32Array.of(1, 3, 7)), memory.place(6)];
  memory.kernels.resizeBilinear(y, x, 1, 3, 1, 6, 1, 0, 1);
  expect([...memory.floats(y, 6)]).toEqual([1, 2, 3, 5, 7, 7]);
});

test("<resize x, dy> = <x, grad dy>, exactly, on integers and halves", () => {
  const size: Size = [2, 5, 4, 10, 8, 3];
  const x = integers(inLength(size), 8, 3);
  const dy = integers(outLength(size), 8, 4).map((value) => 4 * value);
  memory.reset();
  const [xAt, dyAt, y, dx] = [memory.place(x), memory.place(dy), memory.place(dy.length), memory.place(x.length)];
  memory.kernels.resizeBilinear(y, xAt, ...withoutBatch(size), 0, size[0] * size[3]);
  memory.kernels.resizeBilinearGrad(dx, dyAt, ...withoutBatch(size), 0, size[0]);
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  expect(dot(memory.floats(y, dy.length), dy)).toBe(dot(x, memory.floats(dx, x.length)));
});
