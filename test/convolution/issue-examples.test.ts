// The smallest examples of transforms' rounding where the exact sum is 0 or small: one bright pixel before leakyRelu,
// and an image of which one half is a millionth of the other.
import { expect, test } from "vitest";
import { noise } from "../kernels/check-kernel.ts";
import "../support/to-be-close.ts";
import { ExactChain, runChain, type Fed } from "./chains.ts";
import { FOLLOWERS } from "./followers.ts";
import { algorithmsOf, type Geometry } from "./geometries.ts";
import { exactPasses, runPasses } from "./passes.ts";

interface BrightPixel {
  readonly window: number;
  readonly size: number;
  /** The size of the filter's noise. */
  readonly seed: number;
  /** Row and column of the only number in channel 0 that is not 0. */
  readonly pixel: number;
  /** The bias's gradient of channel 0: 1 for each output above 0, 0.2 for all others. */
  readonly biasGradient: number;
}

const BRIGHT_PIXELS: readonly BrightPixel[] = [
  { window: 5, size: 6, seed: 7, pixel: 5, biasGradient: 10.4 },
  { window: 3, size: 10, seed: 12, pixel: 5, biasGradient: 22.4 },
];

const CHANNELS = 16;

/** leakyRelu(conv2d + 0) of one bright pixel, and a loss that is the sum of its outputs. */
function brightPixel({ window, size, seed, pixel }: BrightPixel): [Geometry, Fed] {
  const x = new Float32Array(size * size * CHANNELS);
  x[(pixel * size + pixel) * CHANNELS] = 1;
  const filter = noise(window * window * CHANNELS * CHANNELS, seed);
  const weights = new Float32Array(x.length).fill(1);
  return [square(window, size), { x, filter, weights, bias: new Float32Array(CHANNELS) }];
}

function square(window: number, size: number): Geometry {
  return {
    batch: 1,
    image: [size, size],
    window: [window, window],
    channels: [CHANNELS, CHANNELS],
    padding: "same",
  };
}

const LEAKY = FOLLOWERS.find(({ name }) => name === "leakyRelu(conv2d + bias)")!;

test.each(BRIGHT_PIXELS)("$window×$window on $size×$size: what does not see the one pixel is 0", async (example) => {
  const [geometry, fed] = brightPixel(example);
  expect(algorithmsOf(geometry).forward).toBe("fft");
  const { out } = (await runChain(LEAKY, geometry, fed)).alone;
  const { bounds } = new ExactChain(LEAKY, geometry, fed).out;
  expect(bounds.filter((bound) => bound === 0).length).toBeGreaterThan(400);
  expect(out!.filter((value, i) => bounds[i] === 0 && value !== 0).length, "outputs that are not 0").toBe(0);
});

test.each(BRIGHT_PIXELS)("$window×$window on $size×$size: the bias's gradient is $biasGradient", async (example) => {
  const [geometry, fed] = brightPixel(example);
  const { bias } = (await runChain(LEAKY, geometry, fed)).alone;
  expect(bias![0]).toBeCloseTo(example.biasGradient, 4);
});

test("half an image, a millionth of the other, keeps its digits", async () => {
  const geometry = square(5, 14);
  expect(algorithmsOf(geometry).forward).toBe("fft");
  const isSmall = (i: number): boolean => Math.floor(i / CHANNELS) % 14 < 7;
  const x = noise(14 * 14 * CHANNELS, 1).map((value, i) => (isSmall(i) ? 1e-6 * value : value));
  const operands = { x, filter: noise(25 * CHANNELS * CHANNELS, 2), dy: new Float32Array(x.length) };
  const [got, want] = [await runPasses(geometry, operands), exactPasses(geometry, operands)];
  expect(got.forward).toBeClose("y", { values: want.forward.values, bound: want.forward.bounds });
});
