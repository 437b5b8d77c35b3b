// A convolution with the operations that follow it, computed by the engine and in float64: outputs, and all gradients
// of a weighted sum of them.
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { mul, sum } from "../../src/engine/ops/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { bounded, filterGradientProducts, forwardProducts, inputGradientProducts, type Bounded } from "./bounds.ts";
import {
  channelSums,
  filterGradientSums,
  forwardSums,
  inputGradientSums,
  type Convolution,
  type Sums,
} from "./exact-sums.ts";
import { chainOf, kinkedValues, plus, pooled, slopesOf, spread, type Follower, type Inputs } from "./followers.ts";
import { convolutionOf, filterShapeOf, xShapeOf, yShapeOf, type Geometry } from "./geometries.ts";
import type { ImageShape } from "./images.ts";

type Numbers = Float32Array;

/** The feeds of a chain, by placeholder; `weights` are those of each output in the loss. */
export interface Fed {
  readonly x: Numbers;
  readonly filter: Numbers;
  readonly weights: Numbers;
  readonly bias?: Numbers;
  readonly skip?: Numbers;
  readonly floor?: Numbers;
  readonly otherFilter?: Numbers;
}

/** Outputs and gradients, by name. */
export type Results = Readonly<Record<string, Numbers>>;

/**
 * A chain's results in two runs, and its output without gradients. The first run fetches the results alone, the second
 * also fetches all that is inside the chain.
 */
export interface Runs {
  readonly alone: Results;
  readonly fetched: Results;
  readonly forward: Numbers;
  /** u and the rival as the second run has them. */
  readonly inside: { readonly u: Numbers; readonly rival: Numbers | undefined };
}

export function outShapeOf({ pool }: Follower, geometry: Geometry): ImageShape {
  const [batch, height, width, channels] = yShapeOf(geometry);
  return pool ? [batch, Math.ceil(height / 2), Math.ceil(width / 2), channels] : [batch, height, width, channels];
}

/** The chain's results, computed by the engine. */
export async function runChain(follower: Follower, geometry: Geometry, fed: Fed): Promise<Runs> {
  const graph = new Graph();
  const inputs = inputsOf(graph, follower, geometry);
  const { out, u, inside } = chainOf(follower, inputs, geometry.padding);
  const loss = sum(mul(out, graph.placeholder("weights", out.shape)));
  const wanted = Object.entries(inputs).filter(([name, input]) => input !== undefined && isDifferentiated(name));
  const found = gradients(
    loss,
    wanted.map(([, input]) => input as Tensor),
  );
  const fetches = { out, ...Object.fromEntries(wanted.map(([name], i) => [name, found[i]!])) };
  const session = await compile(graph);
  const feeds = { ...fed };
  const alone = session.run(fetches, feeds) as Results;
  const named = Object.fromEntries(inside.map((tensor, i) => [`inside ${i}`, tensor]));
  const all = session.run({ ...fetches, ...named }, feeds) as Results;
  const forward = session.run({ out }, feeds).out as Numbers;
  session.dispose();
  const at = (i: number): Numbers => all[`inside ${i}`]!;
  const rival = follower.rival === "convolution" ? at(inside.length - 1) : undefined;
  const fetched = Object.fromEntries(Object.keys(fetches).map((name) => [name, all[name]!]));
  return { alone, fetched, forward, inside: { u: at(inside.indexOf(u)), rival } };
}

function isDifferentiated(name: string): boolean {
  return name !== "skip" && name !== "floor";
}

function inputsOf(graph: Graph, follower: Follower, geometry: Geometry): Inputs {
  const given = (name: string, shape: Shape, isUsed = true): Tensor | undefined =>
    isUsed ? graph.placeholder(name, shape) : undefined;
  const [channels, filterShape] = [[geometry.channels[1]], filterShapeOf(geometry)];
  return {
    x: given("x", xShapeOf(geometry))!,
    filter: given("filter", filterShape)!,
    bias: given("bias", channels, follower.bias),
    skip: given("skip", yShapeOf(geometry), follower.skip),
    floor: given("floor", channels, follower.rival === "floor"),
    otherFilter: given("otherFilter", filterShape, follower.rival === "convolution"),
  };
}

/** The results that a chain must have. Its gradients depend on the sides that the engine was free to take. */
export class ExactChain {
  readonly out: Bounded;
  readonly #follower: Follower;
  readonly #convolution: Convolution;
  readonly #shape: ImageShape;
  readonly #fed: Fed;
  readonly #u: Bounded;
  readonly #rival: Bounded;

  constructor(follower: Follower, geometry: Geometry, fed: Fed) {
    this.#follower = follower;
    this.#convolution = convolutionOf(geometry);
    this.#shape = yShapeOf(geometry);
    this.#fed = fed;
    const channels = geometry.channels[1];
    const z = this.#convolved(fed.filter);
    const biased = fed.bias === undefined ? z : plus(z, (i) => fed.bias![i % channels]!);
    this.#u = fed.skip === undefined ? biased : plus(biased, (i) => fed.skip![i]!);
    this.#rival = this.#rivalOf(z.values.length, channels);
    const v = kinkedValues(follower.kink, this.#u, this.#rival);
    this.out = follower.pool ? pooled(v, this.#shape) : v;
  }

  #convolved(filter: Numbers): Bounded {
    return bounded(forwardSums(this.#convolution, this.#fed.x, filter), forwardProducts(this.#convolution));
  }

  #rivalOf(size: number, channels: number): Bounded {
    const { floor, otherFilter } = this.#fed;
    if (otherFilter !== undefined) return this.#convolved(otherFilter);
    return {
      values: Float64Array.from({ length: size }, (_, i) => floor?.[i % channels] ?? 0),
      bounds: new Float64Array(size),
    };
  }

  /** dv/du of a run. Where u may be on either side, the run's own side decides. */
  slopes({ alone, fetched, inside }: Runs, run: "alone" | "fetched"): Float64Array {
    const rival = inside.rival ?? this.#rival.values;
    const u = this.#showsSide ? (run === "alone" ? alone : fetched).out! : inside.u;
    return slopesOf(this.#follower.kink, this.#u, this.#rival, { u, rival });
  }

  /**
   * Tells whether the side of a run's u is known. It is known if the output shows it, if u was fetched, or if all
   * results equal those of the run in which it was fetched. Where they differ, that alone fails the case.
   */
  knows({ alone, fetched }: Runs, run: "alone" | "fetched"): boolean {
    if (run === "fetched" || this.#showsSide) return true;
    return this.namesOfSameBits.every((name) => alone[name]!.every((value, i) => value === fetched[name]![i]));
  }

  /**
   * The results that have the same bits in both runs.
   */
  get namesOfSameBits(): readonly string[] {
    const { filter, bias, otherFilter } = this.#fed;
    const given = { x: this.#fed.x, filter, bias, otherFilter };
    return ["out", ...Object.entries(given).flatMap(([name, numbers]) => (numbers === undefined ? [] : [name]))];
  }

  /** The outputs of relu and leakyRelu show which side they took. */
  get #showsSide(): boolean {
    const { kink, pool } = this.#follower;
    return !pool && (kink === "relu" || kink === "leakyRelu");
  }

  /** The loss's gradients, given dv/du. */
  gradients(slopes: Float64Array): Readonly<Record<string, Bounded>> {
    const { x, filter, bias, otherFilter, weights } = this.#fed;
    const dv = this.#follower.pool ? spread(weights, this.#shape) : Float64Array.from(weights);
    const du = dv.map((value, i) => value * slopes[i]!);
    const positions = filterGradientProducts(this.#convolution);
    const inputProducts = inputGradientProducts(this.#convolution);
    const dFilter = (dy: Float64Array): Bounded =>
      sumsWithRoundedTerms(filterGradientSums(this.#convolution, x, dy), positions);
    const dx = inputGradientSums(this.#convolution, du, filter);
    const ofInputs = {
      filter: dFilter(du),
      ...(bias && { bias: sumsWithRoundedTerms(channelSums(du, bias.length), positions) }),
    };
    if (otherFilter === undefined) return { ...ofInputs, x: sumsWithRoundedTerms(dx, inputProducts) };
    const dRival = dv.map((value, i) => value - du[i]!);
    const more = inputGradientSums(this.#convolution, dRival, otherFilter);
    return {
      ...ofInputs,
      otherFilter: dFilter(dRival),
      x: sumsWithRoundedTerms(added(dx, more), 2 * inputProducts),
    };
  }
}

/** Each term was rounded before. That rounding counts as one more product. */
function sumsWithRoundedTerms(sums: Sums, k: number): Bounded {
  return bounded(sums, k + 1);
}

function added(a: Sums, b: Sums): Sums {
  return {
    values: a.values.map((value, i) => value + b.values[i]!),
    sizes: a.sizes.map((size, i) => size + b.sizes[i]!),
  };
}
