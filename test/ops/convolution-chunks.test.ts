// Convolutions by transforms, of batches that take several chunks of images, and several chunks for each part of a sum.
// The reference has no time for that many images. So the batch repeats a few images, and the reference sees each once.
// Their number does not divide a chunk's, so that two chunks in a row begin with different images.
import { expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compile/compile-program.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { conv2d, conv2dOp, convolutionGradients } from "../../src/engine/ops/conv2d.ts";
import { algorithmOf, type Algorithm } from "../../src/engine/lowering/convolution/convolution.ts";
import { OWN_TERMS_FACTOR } from "../../src/engine/lowering/convolution/own-terms.ts";
import { compile } from "../../src/engine/session/compile.ts";
import { sizeOf, type Padding, type Shape } from "../../src/engine/shape.ts";
import { windowGeometry } from "../../src/engine/window.ts";
import { integers, noise } from "../kernels/check-kernel.ts";
import { shapesOf } from "../support/gradient-check.ts";
import { referenceOf } from "../support/reference/index.ts";
import { valueOf, type Value } from "../support/reference/value.ts";
import "../support/to-be-close.ts";

interface Sizes {
  readonly batch: number;
  /** The number of different images. */
  readonly different: number;
  readonly image: readonly [height: number, width: number, channels: number];
  readonly window: readonly [height: number, width: number];
  readonly outChannels: number;
  readonly padding: Padding;
}

interface FftSizes extends Sizes {
  /**
   * Of forward and input gradient, then of each group of the filter gradient's spectra that takes more than one chunk.
   */
  readonly tasks: readonly number[];
}

const FFT: readonly FftSizes[] = [
  // One tile, which wraps around.
  { tasks: [4, 4], batch: 41, different: 2, image: [14, 14, 32], window: [5, 5], outChannels: 64, padding: "same" },
  // Spectra of more images than are kept at once.
  {
    tasks: [8, 8, 4, 4, 4],
    batch: 131,
    different: 2,
    image: [6, 7, 16],
    window: [5, 5],
    outChannels: 33,
    padding: "same",
  },
  // Four tiles.
  {
    tasks: [8, 8, 4, 4, 4, 4, 4],
    batch: 41,
    different: 2,
    image: [17, 20, 17],
    window: [3, 3],
    outChannels: 16,
    padding: "same",
  },
  { tasks: [4, 4, 4], batch: 34, different: 3, image: [12, 10, 18], window: [4, 3], outChannels: 17, padding: "valid" },
];

const WINOGRAD: readonly Sizes[] = [
  { batch: 617, different: 4, image: [5, 6, 16], window: [2, 2], outChannels: 16, padding: "same" },
  { batch: 72, different: 2, image: [16, 16, 32], window: [2, 2], outChannels: 32, padding: "same" },
  { batch: 200, different: 2, image: [9, 11, 33], window: [2, 2], outChannels: 17, padding: "valid" },
  { batch: 330, different: 3, image: [8, 9, 17], window: [2, 2], outChannels: 16, padding: "same" },
  { batch: 122, different: 2, image: [13, 12, 16], window: [2, 2], outChannels: 33, padding: "valid" },
];

/** A convolution's three passes over x, filter and dy. */
interface Convolution {
  readonly graph: Graph;
  readonly y: Tensor;
  readonly dx: Tensor;
  readonly dFilter: Tensor;
}

function convolutionOf({ image, window, outChannels, padding }: Sizes, batch: number): Convolution {
  const graph = new Graph();
  const x = graph.placeholder("x", [batch, ...image]);
  const filter = graph.placeholder("filter", [...window, image[2], outChannels]);
  const y = conv2d(x, filter, { padding });
  const dy = graph.placeholder("dy", y.shape);
  const [dx, dFilter] = convolutionGradients(dy, x, filter, { strides: [1, 1], padding });
  return { graph, y, dx, dFilter };
}

type Given = Readonly<Record<string, Float32Array>>;

/** Numbers for what the graph is fed. */
function givenTo({ y, dx }: Convolution): Given {
  const placeholders = [...y.inputs, dx.inputs[0]!];
  return Object.fromEntries(placeholders.map(({ name, shape }, i) => [name, noise(sizeOf(shape as Shape), i + 1)]));
}

interface Bounded {
  readonly values: ArrayLike<number>;
  readonly bound: ArrayLike<number>;
}

/** Runs a pass on these numbers in its reference, and checks that the results are within their bounds. */
function expected(pass: Tensor, given: Readonly<Record<string, ArrayLike<number>>>): Bounded {
  const { values, bounds } = referenceOf(pass.operation.name);
  const inputs = pass.inputs.map(({ name, shape }): Value => valueOf(shape as Shape, given[name]!));
  const results = values(inputs, pass.attributes, pass.shape as Shape);
  return { values: results[0]!.data, bound: bounds!(inputs, pass.attributes, results)[0]! };
}

/** The first numbers, repeated up to this length. */
function repeated(x: ArrayLike<number>, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => x[i % x.length]!);
}

/** The numbers repeated in a batch, without the filter. */
function batchOf({ x, filter, dy }: Given, { y }: Convolution): Given {
  const xSize = sizeOf(y.inputs[0]!.shape as Shape);
  return {
    x: Float32Array.from(repeated(x!, xSize)),
    filter: filter!,
    dy: Float32Array.from(repeated(dy!, sizeOf(y.shape as Shape))),
  };
}

/** Each image's dy times the number of its copies in the batch: the filter gradient is linear in dy. */
function addedUp(dy: Float32Array, { batch, different }: Sizes): Float64Array {
  const imageSize = dy.length / different;
  const times = (image: number): number => Math.ceil((batch - image) / different);
  return Float64Array.from(dy, (value, i) => value * times(Math.floor(i / imageSize)));
}

/** The number of tasks in each section of the program. */
function tasksOf(fetches: readonly Tensor[], fed: Given): number[] {
  const request = { fetches, updates: [], feedShapes: shapesOf(fetches[0]!, fed), rewrites: {} };
  const { steps } = compileProgram(request);
  return steps.flatMap((step) => ("tasks" in step ? [step.tasks.length] : []));
}

/** Tells whether all passes agree with the reference. @returns how many tasks each section has */
async function checkPasses(sizes: Sizes, algorithm: Algorithm): Promise<number[]> {
  const [large, small] = [sizes.batch, sizes.different].map((batch) => convolutionOf(sizes, batch));
  const { y, dx, dFilter } = large!;
  const geometry = windowGeometry(y.inputs[0]!.shape as Shape, sizes.window, y.shape as Shape, y.attributes as never);
  expect(algorithmOf(geometry, sizes.outChannels)).toBe(algorithm);
  const given = givenTo(small!);
  const fed = batchOf(given, large!);
  const session = await compile(large!.graph);
  const got = session.run({ y, dx, dFilter }, fed);
  session.dispose();

  for (const pass of ["y", "dx"] as const) {
    const { values, bound } = expected(small![pass], given);
    const { length } = got[pass] as Float32Array;
    expect(got[pass]).toBeClose(pass, { values: repeated(values, length), bound: repeated(bound, length) });
  }
  // The bound is that of a sum over a multiple of the images. It grows at most with their number.
  const { values, bound } = expected(small!.dFilter, { ...given, dy: addedUp(given.dy!, sizes) });
  const times = Math.ceil(sizes.batch / sizes.different);
  expect(got.dFilter).toBeClose("dFilter", { values, bound: Float64Array.from(bound, (one) => one * times) });
  return tasksOf([y, dx, dFilter], fed);
}

test.each(FFT)("by FFT: %j", async (sizes) => {
  expect(await checkPasses(sizes, "fft")).toEqual(sizes.tasks);
});

test("the FFT's relu, on its side of 0 in every chunk by the chunk's own images", async () => {
  // With integers many outputs are 0. Transforms give numbers next to 0 for them, so these outputs are summed again.
  const sizes: Sizes = { ...FFT[1]!, batch: 67, different: 3 };
  const [large, small] = [sizes.batch, sizes.different].map((batch) => biasedConvolution(sizes, batch)) as [
    Tensor,
    Tensor,
  ];
  const [x, filter, bias] = small.inputs.map(({ shape }, i) => integers(sizeOf(shape as Shape), 3, i + 1));
  const given = { x: x!.map((value) => value - 1), filter: filter!.map((value) => value - 1), bias: bias! };
  const { values } = expected(small, given);
  const fed = { ...given, x: Float32Array.from(repeated(given.x, sizeOf(large.inputs[0]!.shape as Shape))) };
  const session = await compile(large.graph);
  const got = session.run({ y: large }, fed).y as Float32Array;
  session.dispose();
  const want = repeated(values, got.length);
  expect(tasksOf([large], fed)).toEqual([4]);
  // All outputs at 0 or below are exactly 0 now.
  expect(got.findIndex((value, i) => (want[i] === 0 ? value !== 0 : Math.abs(value - want[i]!) > 1e-3))).toBe(-1);
});

/** Images of several chunks: one is next to 0 on its left, one is blank above, one is neither. */
const UNEVEN: readonly (readonly [Algorithm, Sizes])[] = [
  ["fft", { ...FFT[1]!, batch: 67, different: 3 }],
  ["fft", { ...FFT[2]!, batch: 22, different: 3 }],
  ["winograd", { ...WINOGRAD[0]!, batch: 310, different: 3 }],
  ["winograd", { ...WINOGRAD[4]!, batch: 61, different: 3 }],
];

test.each(UNEVEN)(
  "%s: outputs held to their own terms in every chunk, by its own images: %j",
  async (algorithm, sizes) => {
    const { image, window, outChannels } = sizes;
    const [large, small] = [sizes.batch, sizes.different].map((batch) => convolutionOf(sizes, batch));
    const geometry = windowGeometry(
      small!.y.inputs[0]!.shape as Shape,
      window,
      small!.y.shape as Shape,
      small!.y.attributes as never,
    );
    expect(algorithmOf(geometry, outChannels)).toBe(algorithm);
    const dense = givenTo(small!);
    const given = { x: uneven(dense.x!, image), filter: dense.filter! };
    const fed = { ...given, x: Float32Array.from(repeated(given.x, sizeOf(large!.y.inputs[0]!.shape as Shape))) };
    const terms = expected(small!.y, { x: given.x.map(Math.abs), filter: given.filter.map(Math.abs) }).values;
    const bias = noise(outChannels, 4);

    const session = await compile(large!.graph);
    const y = session.run({ y: large!.y }, fed).y as Float32Array;
    session.dispose();
    expect(tasksOf([large!.y], fed)[0]).toBeGreaterThan(2);
    const size = repeated(terms, y.length);
    const products = window[0] * window[1] * image[2];
    const bound = size.map((magnitude) => OWN_TERMS_FACTOR * 2 ** -23 * (products + 1) * magnitude);
    expect(y).toBeClose("y", { values: repeated(expected(small!.y, given).values, y.length), bound });
    expect(size.filter((magnitude) => magnitude === 0).length).toBeGreaterThan(y.length / 20);
    expect(size.filter((magnitude) => magnitude > 0 && magnitude < 1e-6).length).toBeGreaterThan(y.length / 20);

    const joined = biasedConvolution(sizes, sizes.batch);
    const joinedSession = await compile(joined.graph);
    const rectified = joinedSession.run({ y: joined }, { ...fed, bias }).y as Float32Array;
    joinedSession.dispose();
    // Without a product there is no rounding: in every chunk, the bias alone is left.
    const wrong = rectified.findIndex((value, i) => size[i] === 0 && value !== Math.max(bias[i % outChannels]!, 0));
    expect(wrong).toBe(-1);
  },
);

/** Three images: the first is next to 0 on its left, the second is blank above. */
function uneven(x: Float32Array, [height, width, channels]: Sizes["image"]): Float32Array {
  return x.map((value, i) => {
    const pixel = Math.floor(i / channels);
    const [image, row, column] = [
      Math.floor(pixel / (height * width)),
      Math.floor(pixel / width) % height,
      pixel % width,
    ];
    if (image === 0 && column < width / 2) return value * 1e-9;
    return image === 1 && row < height / 2 ? 0 : value;
  });
}

/** relu(x ∗ filter + bias) as one operation. */
function biasedConvolution({ image, window, outChannels, padding }: Sizes, batch: number): Tensor {
  const graph = new Graph();
  const x = graph.placeholder("x", [batch, ...image]);
  const filter = graph.placeholder("filter", [...window, image[2], outChannels]);
  const bias = graph.placeholder("bias", [outChannels]);
  return graph.apply(conv2dOp, [x, filter, bias], { strides: [1, 1], padding, bias: true, relu: true });
}

/**
 * OUTPUT_ERROR of src/engine/lowering/convolution/fft.ts is relative to norms; this is relative to their values here.
 */
test("the FFT's error is 3e-7 of the result (root mean square), 2⁻¹⁹ of the largest at most", async () => {
  const sizes: Sizes = { ...FFT[0]!, batch: 1, different: 1 };
  const convolution = convolutionOf(sizes, 1);
  const { graph, y, dx, dFilter } = convolution;
  const given = givenTo(convolution);
  const session = await compile(graph);
  const got = session.run({ y, dx, dFilter }, given);
  session.dispose();
  for (const pass of ["y", "dx", "dFilter"] as const) {
    const want = Float64Array.from(expected(convolution[pass], given).values);
    const error = want.map((value, i) => (got[pass] as Float32Array)[i]! - value);
    expect(Math.hypot(...error), pass).toBeLessThan(3e-7 * Math.hypot(...want));
    if (pass === "y") expect(largestOf(error)).toBeLessThan(2 ** -19 * largestOf(want));
  }
});

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

test.each(WINOGRAD)("Winograd's: %j", async (sizes) => {
  const [chunks, dxChunks, parts] = await checkPasses(sizes, "winograd");
  // Forward pass and input gradient have one task for each chunk, the filter gradient one for each of four parts.
  expect(Math.min(chunks!, dxChunks!)).toBeGreaterThan(4);
  expect(parts).toBe(4);
});
