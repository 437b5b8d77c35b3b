// The kernels that tell how large a convolution's numbers are; those that use it: fft.test.ts, winograd.test.ts.
import { expect, test } from "vitest";
import { KernelMemory, type Values } from "../support/kernel-memory.ts";
import { checkKernels, noise, Wanted, type KernelCase } from "./check-kernel.ts";
import { convolutions } from "./fft-convolutions.ts";
import { maskOf } from "./masked-pools.ts";
import { convolutions as minimalConvolutions } from "./minimal-convolutions.ts";
import {
  channelSquaresOf,
  filterMagnitudesOf,
  magnitudesScratch,
  occupancyOf,
  squaresOfBlocks,
  windowMagnitudesOf,
} from "./own-terms.ts";
import { firstImages, imageLength, labelOf, tableOf, windowOf } from "./windows.ts";

const memory = await KernelMemory.create();

/** Numbers of all sizes: squares of some are 0 in float32, of some infinite; and zeros of both signs. */
function uneven(length: number, seed: number): Float32Array {
  const factors = [1, 0, 1e-3, -0, 1e-9, 1, 1e-25, 1e3, 1e-41, 1e25];
  return noise(length, seed).map((value, i) => value * factors[(i + Math.floor(i / 10)) % 10]!);
}

function withOne(values: Float32Array, index: number, value: number): Float32Array {
  return values.map((before, i) => (i === index ? value : before));
}

/** Of one channel and more, around lanes; the last line is shorter than the lanes, as long, or longer. */
const windows = [
  ...[...convolutions, ...minimalConvolutions].map(({ w }) => w),
  ...[4, 5, 6, 7, 8].flatMap((channels) => [
    windowOf([2, 3, channels, channels], [3, 2], [1, 1], "same"),
    windowOf([3, 5, 9 - channels, channels], [5, 5], [1, 1], "same"),
    windowOf([1, 7, 8 + channels, channels], [2, 5], [1, 1], "valid"),
  ]),
];

test("windowMagnitudes sums what each window sees, from any image on", () => {
  const cases = windows.flatMap((w) =>
    firstImages(w).flatMap((firstImage) => {
      const length = w.batch * imageLength(w);
      return [noise(length, 1), uneven(length, 2)].map((x, i): KernelCase => {
        const magnitudes = windowMagnitudesOf(w, x, firstImage);
        const wanted = new Wanted(magnitudes.length, 3);
        // Past a line's last column is NaN here: any number may be there.
        magnitudes.forEach((value, j) => (Number.isNaN(value) ? wanted.set(j, 0, Infinity) : wanted.set(j, value)));
        return {
          label: `windowMagnitudes ${labelOf(w)} from image ${firstImage}, values ${i}`,
          inputs: [x, tableOf(w)],
          outputs: [wanted.before],
          scratch: magnitudesScratch(w),
          extent: w.batch - firstImage,
          run: (k, [to], [from, geometry, scratch], ...range) =>
            k.windowMagnitudes(to!, from!, geometry!, firstImage, scratch!, ...range),
          expected: [wanted],
        };
      });
    }),
  );
  checkKernels(memory, cases);
});

test("windowMagnitudes takes NaN and Infinity to the windows that see them, and to no other", () => {
  for (const w of windows) {
    const x = noise(w.batch * imageLength(w), 11);
    const within = windowMagnitudesOf(w, x, 0).map((value) => (Number.isNaN(value) ? 0 : 1));
    for (const [index, value] of [
      [0, NaN],
      [x.length >> 1, NaN],
      [x.length - 1, -Infinity],
    ] as const) {
      memory.reset();
      const values = withOne(x, index, value);
      const [to, from, geometry] = [memory.place(within.length), memory.place(values), memory.place(tableOf(w))];
      memory.kernels.windowMagnitudes(to, from, geometry, 0, memory.place(magnitudesScratch(w)), 0, w.batch);
      const [got, want] = [memory.floats(to, within.length), windowMagnitudesOf(w, values, 0)];
      const inLines = (all: Float32Array): Float32Array => all.filter((_, i) => within[i]);
      expect(inLines(got), labelOf(w)).toEqual(inLines(want));
    }
  }
});

/** Around four channels, and around the sixteen that magnitudes are padded to. */
const CHANNELS = [1, 2, 3, 4, 5, 8, 15, 16, 17, 18, 33, 64];

test("filterMagnitudes tells of each channel's weights, zeros past the last", () => {
  const cases = CHANNELS.flatMap((channels) =>
    [1, 2, 4, 225].flatMap((terms) => {
      const filter = noise(terms * channels, 4);
      const filters = [
        filter,
        uneven(terms * channels, 5),
        filter.map((weight, i) => (i % channels === channels - 1 ? 0 : weight)),
        new Float32Array(filter.length).fill(-0.1),
        withOne(filter, filter.length - 1, NaN),
        withOne(filter, 0, Infinity),
      ];
      return filters.map((weights, i): KernelCase => {
        const magnitudes = filterMagnitudesOf(weights, channels);
        return {
          label: `filterMagnitudes [${terms}, ${channels}], weights ${i}`,
          inputs: [weights],
          outputs: [magnitudes.length],
          extent: magnitudes.length / 12,
          run: (k, [to], [from], ...range) => k.filterMagnitudes(to!, from!, terms, channels, ...range),
          expected: [{ values: magnitudes }],
        };
      });
    }),
  );
  checkKernels(memory, cases);
});

test("channelSquares sums each channel's squares over blocks of rows", () => {
  const cases = CHANNELS.flatMap((channels) =>
    [1, 3, 255, 256, 257, 700].flatMap((rows) => {
      const x = noise(rows * channels, 6);
      return [x, uneven(x.length, 7), withOne(x, x.length - 1, NaN)].map((values): KernelCase => {
        const partial = squaresOfBlocks(values, channels);
        return {
          label: `channelSquares [${rows}, ${channels}]`,
          inputs: [values],
          outputs: [partial.length],
          extent: Math.ceil(rows / 256),
          run: (k, [to], [from], ...range) => k.channelSquares(to!, from!, rows, channels, ...range),
          expected: [{ values: partial }],
        };
      });
    }),
  );
  checkKernels(memory, cases);
});

test("what channelSquares makes is 0 of channels that are 0 alone, and never below the exact sum", () => {
  memory.reset();
  const [rows, channels] = [256, 20];
  const tiny = [0, -0, 2 ** -149, 1e-38, 1e-30, 1e-20, 1e-16, 1e-15, 1e-10, 1];
  const x = noise(rows * channels, 8).map((value, i) => tiny[i % 10]! && tiny[i % 10]! * (1 + Math.abs(value)));
  const [from, to] = [memory.place(x), memory.place(channels)];
  memory.kernels.channelSquares(to, from, rows, channels, 0, 1);
  const got = memory.floats(to, channels);
  got.forEach((sum, c) => {
    const exact = x.reduce((squares, value, i) => squares + (i % channels === c ? value * value : 0), 0);
    if (exact === 0 ? sum !== 0 : !(sum >= exact * (1 - rows * 2 ** -24))) throw new Error(`channel ${c}: ${sum}`);
  });
  if (channelSquaresOf(x, channels).some((sum, c) => sum !== got[c])) throw new Error("not the reference's");
});

/** Sizes of a batch. */
const BATCHES = [1, 2, 5];

/** Most of it 0: in some places in all images. */
function sparse(images: number, size: number, seed: number): Float32Array {
  const values = noise(images * size, seed).map((value, i) => (value < 0.7 || i % 11 === 0 ? 0 : value));
  values[values.length - 1] = NaN;
  values[values.length >> 1] = -Infinity;
  return values.map((value, i) => (i % 3 === 0 && value === 0 ? -0 : value));
}

test("occupancy has a bit for each channel that is not 0 in some image, NaN's too, none past the last channel", () => {
  const cases = [...CHANNELS, 31, 32, 63, 65].flatMap((channels) =>
    BATCHES.flatMap((images) =>
      [1, 12].map((pixels): BitsCase => {
        const x = sparse(images, pixels * channels, 9);
        const bits = occupancyOf(x, images, channels);
        return bitsCase(`occupancy [${images}, ${pixels}, ${channels}]`, x, bits, pixels, (k, to, from, ...range) =>
          k.occupancy(to, from, images, pixels, channels, ...range),
        );
      }),
    ),
  );
  checkBits(cases);
});

test("maskOccupancy has the bits of a mask in any image", () => {
  const cases = [1, 31, 32, 33, 64, 65].flatMap((channels) =>
    BATCHES.flatMap((images) =>
      [1, 12].map((pixels): BitsCase => {
        const x = sparse(images, pixels * channels, 10).map((value) => (value > 0 ? value : 0));
        const [mask, bits] = [maskOf(x, { channels }), occupancyOf(x, images, channels)];
        const label = `maskOccupancy [${images}, ${pixels}, ${channels}]`;
        return bitsCase(label, mask, bits, bits.length, (k, to, from, ...range) =>
          k.maskOccupancy(to, from, images, bits.length, ...range),
        );
      }),
    ),
  );
  checkBits(cases);
});

type Run = (kernels: KernelMemory["kernels"], to: number, from: number, begin: number, end: number) => void;

/** A kernel that makes words of bits. */
interface BitsCase extends KernelCase {
  readonly bits: Int32Array;
}

function bitsCase(label: string, from: Values, bits: Int32Array, extent: number, run: Run): BitsCase {
  return {
    label,
    bits,
    inputs: [from],
    outputs: [bits.length],
    extent,
    run: (k, [to], [input], ...range) => run(k, to!, input!, ...range),
    expected: [{ values: new Float32Array(bits.buffer) }],
  };
}

/** As floats some words are the same or NaN: they are compared as words once more. */
function checkBits(cases: readonly BitsCase[]): void {
  checkKernels(memory, cases);
  for (const { label, inputs, bits, extent, run } of cases) {
    memory.reset();
    const [to, from] = [memory.place(bits.length), memory.place(inputs[0]!)];
    run(memory.kernels, [to], [from], 0, extent);
    expect(memory.bits(to, bits.length), label).toEqual(new Uint32Array(bits.buffer));
  }
}
