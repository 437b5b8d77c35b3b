// The operations that follow a convolution: outputs, gradients, and the same bits whatever else is fetched.
// followers.ts explains how a gradient at a kink is held to its bound. WASM_GAN_SWEEP=full takes thousands of graphs
// instead of a hundred.
import { beforeAll, describe, expect, test } from "vitest";
import { randomSource } from "../support/random.ts";
import { comparedBits, comparedGradients, comparedOutputs } from "./chain-checks.ts";
import { ExactChain, outShapeOf, runChain, type Fed } from "./chains.ts";
import { FOLLOWERS, type Follower } from "./followers.ts";
import { algorithmsOf, filterShapeOf, labelOf, xShapeOf, yShapeOf, type Geometry } from "./geometries.ts";
import { FINITE_IMAGES } from "./images.ts";
import { cycle, FULL, sampleGeometries } from "./sample.ts";
import { Tally } from "./tally.ts";
import { BIASES, FILTERS, GRADIENTS, SKIPS } from "./weights.ts";

/** Graphs of each follower. */
const SIZES = FULL ? { small: 250, large: 12 } : { small: 20, large: 0 };
const TIME = FULL ? 7_200_000 : 120_000;

/** Names of the families of the fed tensors. */
interface Families {
  readonly x: string;
  readonly filter: string;
  readonly weights: string;
  readonly bias: string;
  readonly skip: string;
}

function fedOf(follower: Follower, geometry: Geometry, families: Families, seed: number): Fed {
  const random = randomSource(seed);
  const [channels, filter] = [geometry.channels[1], FILTERS[families.filter]!];
  return {
    x: FINITE_IMAGES[families.x]!(xShapeOf(geometry), random),
    filter: filter(filterShapeOf(geometry), random),
    weights: GRADIENTS[families.weights]!(outShapeOf(follower, geometry), random),
    ...(follower.bias && { bias: BIASES[families.bias]!(channels, random) }),
    ...(follower.skip && { skip: SKIPS[families.skip]!(yShapeOf(geometry), random) }),
    ...(follower.rival === "floor" && { floor: BIASES[random() < 0.5 ? "zero" : "tiny"]!(channels, random) }),
    ...(follower.rival === "convolution" && { otherFilter: filter(filterShapeOf(geometry), random) }),
  };
}

const CHECKS = ["outputs", "gradients", "bits"] as const;

async function check(
  tally: Tally,
  follower: Follower,
  geometry: Geometry,
  families: Families,
  seed: number,
): Promise<void> {
  const fed = fedOf(follower, geometry, families, seed);
  const [runs, exact] = [await runChain(follower, geometry, fed), new ExactChain(follower, geometry, fed)];
  const { forward, inputGradient } = algorithmsOf(geometry);
  const label = labelOfCase(follower, geometry, families);
  // Where patches compute one of the two, only the other one can fail.
  const gradient = forward === "patches" ? inputGradient : forward;
  tally.compare(`${follower.name}: outputs`, { label, algorithm: forward }, comparedOutputs(exact, runs));
  tally.compare(`${follower.name}: bits`, { label, algorithm: gradient }, comparedBits(exact, runs));
  tally.compare(`${follower.name}: gradients`, { label, algorithm: gradient }, comparedGradients(exact, runs));
}

function labelOfCase(follower: Follower, geometry: Geometry, families: Families): string {
  const { x, filter, weights, bias, skip } = families;
  const more = `${follower.bias ? `, bias ${bias}` : ""}${follower.skip ? `, skip ${skip}` : ""}`;
  return `${labelOf(geometry)}; x ${x}, filter ${filter}, weights ${weights}${more}`;
}

/** Graphs of this follower, each with numbers of other families. */
async function sweep(tally: Tally, follower: Follower, seed: number): Promise<void> {
  const random = randomSource(seed);
  const [x, filter, weights, bias, skip] = [FINITE_IMAGES, FILTERS, GRADIENTS, BIASES, SKIPS].map((families) =>
    cycle(random, Object.keys(families)),
  ) as [() => string, () => string, () => string, () => string, () => string];
  let case_ = 1000 * seed;
  for (const geometry of sampleGeometries(SIZES, seed)) {
    const families = { x: x(), filter: filter(), weights: weights(), bias: bias(), skip: skip() };
    await check(tally, follower, geometry, families, case_++);
  }
}

describe.each(FOLLOWERS.map((follower, i) => ({ ...follower, seed: 100 + i })))("$name", ({ seed, ...follower }) => {
  const tally = new Tally();
  beforeAll(() => sweep(tally, follower, seed), TIME);

  test.each(CHECKS)("%s", (what) => {
    const kind = `${follower.name}: ${what}`;
    expect(tally.casesOf(kind)).toBe(SIZES.small + SIZES.large);
    expect(tally.failures(kind)).toBe("");
  });
});
