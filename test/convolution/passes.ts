// A convolution's three passes, and the transposed convolution of dy, by the engine, held against exact sums.
import { Graph } from "../../src/engine/graph/graph.ts";
import { conv2d, convolutionGradients } from "../../src/engine/ops/conv2d.ts";
import { conv2dTranspose } from "../../src/engine/ops/conv2d-transpose.ts";
import { compile } from "../../src/engine/session/compile.ts";
import { randomSource } from "../support/random.ts";
import { bounded, filterGradientProducts, forwardProducts, inputGradientProducts, type Bounded } from "./bounds.ts";
import { filterGradientSums, forwardSums, inputGradientSums } from "./exact-sums.ts";
import {
  algorithmsOf,
  convolutionOf,
  filterShapeOf,
  labelOf,
  xShapeOf,
  yShapeOf,
  type Geometry,
} from "./geometries.ts";
import { FINITE_IMAGES, NOT_FINITE_IMAGES, type Family } from "./images.ts";
import { cycle, sampleGeometries, type Sizes } from "./sample.ts";
import type { Tally } from "./tally.ts";
import { FILTERS, GRADIENTS } from "./weights.ts";

export const PASSES = ["forward", "input gradient", "filter gradient", "transposed"] as const;

/** The operands of a convolution's passes. */
export interface Operands {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly dy: Float32Array;
}

type Pass = (typeof PASSES)[number];

/** The passes, computed by the engine. */
export async function runPasses(geometry: Geometry, operands: Operands): Promise<Record<Pass, Float32Array>> {
  const graph = new Graph();
  const [x, filter] = [
    graph.placeholder("x", xShapeOf(geometry)),
    graph.placeholder("filter", filterShapeOf(geometry)),
  ];
  const { padding } = geometry;
  const y = conv2d(x, filter, { padding });
  const dy = graph.placeholder("dy", y.shape);
  const [dx, dFilter] = convolutionGradients(dy, x, filter, { strides: [1, 1], padding });
  const transposed = conv2dTranspose(dy, filter, { padding, outputShape: geometry.image });
  const fetches = { forward: y, "input gradient": dx, "filter gradient": dFilter, transposed };
  const session = await compile(graph);
  const results = session.run(fetches, { ...operands });
  session.dispose();
  return results as Record<Pass, Float32Array>;
}

/** The expected results of the passes. */
export function exactPasses(geometry: Geometry, { x, filter, dy }: Operands): Record<Pass, Bounded> {
  const convolution = convolutionOf(geometry);
  const dx = bounded(inputGradientSums(convolution, dy, filter), inputGradientProducts(convolution));
  return {
    forward: bounded(forwardSums(convolution, x, filter), forwardProducts(convolution)),
    "input gradient": dx,
    transposed: dx,
    "filter gradient": freeAtBadChannels(
      bounded(filterGradientSums(convolution, x, dy), filterGradientProducts(convolution)),
      dy,
      convolution.outChannels,
    ),
  };
}

/**
 * Outside the image x is 0, and a product of 0 with a number that is not finite may count or not. So a channel of dy
 * that holds such a number leaves its filters' gradients unchecked where they are finite.
 */
function freeAtBadChannels({ values, bounds }: Bounded, dy: Float32Array, channels: number): Bounded {
  const bad = new Set<number>();
  dy.forEach((value, i) => {
    if (!Number.isFinite(value)) bad.add(i % channels);
  });
  return {
    values,
    bounds: bad.size === 0 ? bounds : bounds.map((bound, i) => (bad.has(i % channels) ? Infinity : bound)),
  };
}

/** Names of the families of a case's operands. */
interface Families {
  readonly x: string;
  readonly filter: string;
  readonly dy: string;
}

async function check(tally: Tally, kind: string, geometry: Geometry, families: Families, seed: number): Promise<void> {
  const random = randomSource(seed);
  const images: Readonly<Record<string, Family>> = { ...GRADIENTS, ...FINITE_IMAGES, ...NOT_FINITE_IMAGES };
  const operands = {
    x: images[families.x]!(xShapeOf(geometry), random),
    filter: FILTERS[families.filter]!(filterShapeOf(geometry), random),
    dy: images[families.dy]!(yShapeOf(geometry), random),
  };
  const [got, want] = [await runPasses(geometry, operands), exactPasses(geometry, operands)];
  const { forward, inputGradient } = algorithmsOf(geometry);
  const label = `${labelOf(geometry)}; x ${families.x}, filter ${families.filter}, dy ${families.dy}`;
  for (const pass of PASSES) {
    const algorithm = pass === "input gradient" || pass === "transposed" ? inputGradient : forward;
    tally.compare(pass + kind, { label, algorithm }, [{ what: "", got: got[pass], want: want[pass] }]);
  }
}

/** The families whose numbers are finite. */
export async function sweepPasses(tally: Tally, sizes: Sizes, seed: number): Promise<void> {
  const random = randomSource(seed);
  const [x, filter, dy] = [FINITE_IMAGES, FILTERS, GRADIENTS].map((names) => cycle(random, Object.keys(names)));
  let case_ = seed;
  for (const geometry of sampleGeometries(sizes, seed)) {
    await check(tally, "", geometry, { x: x!(), filter: filter!(), dy: dy!() }, case_++);
  }
}

/** One number of x and one of dy is not finite. */
export async function sweepNotFinite(tally: Tally, sizes: Sizes, seed: number): Promise<void> {
  const bad = cycle(randomSource(seed), Object.keys(NOT_FINITE_IMAGES));
  let case_ = seed;
  for (const geometry of sampleGeometries(sizes, seed)) {
    await check(tally, ", not finite", geometry, { x: bad(), filter: "gaussian", dy: bad() }, case_++);
  }
}
