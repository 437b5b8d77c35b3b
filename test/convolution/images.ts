// Families of images that a convolution may be given. Each is a function of a shape [batch, height, width, channels]
// and a source of random numbers.
import { digits } from "../../src/data/index.ts";
import { HAS_REAL_MNIST, realMnist } from "../data/real-mnist.ts";
import { gunzipSync } from "node:zlib";
import { below } from "../support/random.ts";

/** [batch, height, width, channels] */
export type ImageShape = readonly [batch: number, height: number, width: number, channels: number];

export type Family = (shape: ImageShape, random: () => number) => Float32Array;

/** The place of an element. */
interface Place {
  readonly image: number;
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** An image from a function of the place. */
function filled(shape: ImageShape, valueAt: (place: Place) => number): Float32Array {
  const [batch, height, width, channels] = shape;
  const x = new Float32Array(batch * height * width * channels);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++) x[at++] = valueAt({ image, row, column, channel });
      }
    }
  }
  return x;
}

/** A number of the normal distribution (Box & Muller 1958). */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const dense: Family = (shape, random) => filled(shape, () => gaussian(random));

/** An image with this number of pixels, in all channels; it is 0 elsewhere. */
function sparse(share: number): Family {
  return (shape, random) => filled(shape, () => (random() < share ? gaussian(random) : 0));
}

const sparsePixels: Family = (shape, random) => {
  let lit = false;
  return filled(shape, ({ channel }) => {
    if (channel === 0) lit = random() < 0.05;
    return lit ? gaussian(random) : 0;
  });
};

/** Each image has one pixel that is not 0: in one channel, or in all. */
function brightPixel(allChannels: boolean): Family {
  return (shape, random) => {
    const [batch, height, width, channels] = shape;
    const lit = Array.from({ length: batch }, () => [
      below(random, height),
      below(random, width),
      below(random, channels),
    ]);
    return filled(shape, ({ image, row, column, channel }) => {
      const [y, x, c] = lit[image]!;
      return row === y && column === x && (allChannels || channel === c) ? 1 : 0;
    });
  };
}

/** A line across a blank image, as wide as a pen. */
const stroke: Family = (shape, random) => {
  const [, height, width] = shape;
  const [slope, start, ink] = [random() * 2 - 1, random() * height, 0.5 + random()];
  return filled(shape, ({ row, column, channel }) => {
    const distance = Math.abs(row - start - slope * (column - width / 2));
    return distance < 1 ? ink * (1 - distance / 2) * (1 + (channel % 5)) : 0;
  });
};

/** Random numbers. Those in one half of the image are smaller by this factor. */
function halves(ratio: number, across: boolean): Family {
  return (shape, random) => {
    const [, height, width] = shape;
    return filled(shape, ({ row, column }) => {
      const small = across ? 2 * column < width : 2 * row < height;
      return gaussian(random) * (small ? ratio : 1);
    });
  };
}

/** Each channel has another order of magnitude. */
const channelMagnitudes: Family = (shape, random) =>
  filled(shape, ({ channel }) => gaussian(random) * 10 ** ((channel * 7) % 13) * 1e-8);

const positive: Family = (shape, random) => filled(shape, random);

const constant: Family = (shape) => filled(shape, () => 1);

const checkerboard: Family = (shape) => filled(shape, ({ row, column }) => 1 - 2 * ((row + column) & 1));

const sinusoid: Family = (shape) =>
  filled(shape, ({ row, column, channel }) => Math.sin(0.9 * row + 0.7 * column + 0.3 * channel));

/** Dense random numbers, one of which is a million. */
const outlier: Family = (shape, random) => {
  const x = dense(shape, random);
  x[below(random, x.length)] = 1e6;
  return x;
};

const afterRelu: Family = (shape, random) => dense(shape, random).map((value) => Math.max(value, 0));

/** A blank picture with a bright patch, behind a small bias and relu. */
const afterReluOfBias: Family = (shape, random) => {
  const [, height, width, channels] = shape;
  const bias = Array.from({ length: channels }, () => (random() < 0.5 ? 0 : 10 ** (-2 - 2 * random())));
  const [top, left] = [below(random, height), below(random, width)];
  return filled(shape, ({ row, column, channel }) => {
    const lit = Math.abs(row - top) <= height / 6 && Math.abs(column - left) <= width / 6;
    return Math.max(0, bias[channel]! + (lit ? gaussian(random) : 0));
  });
};

/** Random numbers of this size. */
function scaled(size: number): Family {
  return (shape, random) => filled(shape, () => gaussian(random) * size);
}

/** Dense random numbers, with one NaN. */
function withOne(value: number): Family {
  return (shape, random) => {
    const x = dense(shape, random);
    x[below(random, x.length)] = value;
    return x;
  };
}

/** Pictures of 28×28 bytes, scaled by the nearest pixel; other channels are moved and have another ink. */
function pictures(bytes: (image: number) => Uint8Array): Family {
  return (shape, random) => {
    const [batch, height, width] = shape;
    const first = below(random, 100);
    const chosen = Array.from({ length: batch }, (_, image) => bytes((first + image) % 100));
    return filled(shape, ({ image, row, column, channel }) => {
      const y = Math.floor((row * 28) / height) + (channel % 3);
      const x = Math.floor((column * 28) / width) + (channel % 2);
      const ink = y < 28 && x < 28 ? chosen[image]![y * 28 + x]! / 255 : 0;
      return ink * (channel % 4 === 3 ? -0.5 : 1);
    });
  };
}

const DRAWN = digits({ seed: 7, count: 100 }).images;

/** The first hundred of MNIST's test images; undefined where the files are missing. */
const REAL = HAS_REAL_MNIST ? gunzipSync(realMnist("t10k-images-idx3-ubyte")).subarray(16) : undefined;

/** The families whose numbers are all finite. */
export const FINITE_IMAGES: Readonly<Record<string, Family>> = {
  "all zero": (shape) => filled(shape, () => 0),
  "one bright pixel": brightPixel(false),
  "one bright pixel, all channels": brightPixel(true),
  "sparse 1 %": sparse(0.01),
  "sparse 10 %": sparse(0.1),
  "sparse pixels": sparsePixels,
  stroke,
  "left half 1e-3": halves(1e-3, true),
  "left half 1e-6": halves(1e-6, true),
  "left half 1e-9": halves(1e-9, true),
  "left half 1e-12": halves(1e-12, true),
  "top half 1e-3": halves(1e-3, false),
  "top half 1e-6": halves(1e-6, false),
  "top half 1e-9": halves(1e-9, false),
  "top half 1e-12": halves(1e-12, false),
  "left half 0": halves(0, true),
  "channels of many magnitudes": channelMagnitudes,
  positive,
  gaussian: dense,
  constant,
  checkerboard,
  sinusoid,
  outlier,
  "after relu": afterRelu,
  "after relu of a small bias": afterReluOfBias,
  digits: pictures((image) => DRAWN.subarray(image * 784, (image + 1) * 784)),
  ...(REAL && { MNIST: pictures((image) => REAL.subarray(image * 784, (image + 1) * 784)) }),
  "tiny 1e-30": scaled(1e-30),
  "huge 1e15": scaled(1e15),
};

/** Dense random numbers, of which one is not finite. */
export const NOT_FINITE_IMAGES: Readonly<Record<string, Family>> = {
  "one NaN": withOne(NaN),
  "one Infinity": withOne(Infinity),
};
