// Splitting changes no bit: what every thread does of a step is independent of what the others do of it. One thread
// plays them all, so this needs no workers and finds what a race would show only now and then.
import { beforeAll, describe, expect, test } from "vitest";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import type { Graph } from "../../src/engine/graph/graph.ts";
import { allOps } from "../support/all-ops.ts";
import { compileKernels, instantiateOn } from "../../src/engine/runtime/kernels.ts";
import { Session, type Fetch } from "../../src/engine/session/session.ts";
import { sweeps } from "../ops/sweeps.ts";
import { bitsOf } from "../support/bits.ts";
import { digestOf } from "../support/digest.ts";
import { goldenImages } from "../support/golden-inputs.ts";
import { fetchesOf } from "../support/op-fetches.ts";
import { casesOf, opGraph, type OpCase } from "../support/op-graph.ts";
import { denseLayers, PANEL_PRODUCTS, trained } from "./dense-layers.ts";
import { TakingTurns } from "./taking-turns.ts";

const THREADS = [2, 3, 4, 7];

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await compileKernels({});
});

/** A session whose programs are split over so many threads that take turns; undefined is the usual one. */
async function sessionOf(graph: Graph, threads: number | undefined): Promise<Session> {
  return (await splitSession(graph, threads)).session;
}

async function splitSession(
  graph: Graph,
  threads: number | undefined,
): Promise<{ session: Session; pool: TakingTurns | undefined }> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernels = await instantiateOn(module, memory);
  const pool = threads === undefined ? undefined : new TakingTurns(kernels, threads);
  const instance = { kernels, memory, ...(pool && { pool }) };
  return { session: new Session(graph, instance, { seed: 7, rewrites: {} }), pool };
}

async function bitsOfCase(opCase: OpCase, threads: number | undefined): Promise<Int32Array[]> {
  const built = opGraph(opCase);
  const session = await sessionOf(built.graph, threads);
  const fetches = Object.fromEntries(fetchesOf(built).map((fetch, i) => [i, fetch]));
  return Object.values(session.run(fetches, built.given)).map((value) => bitsOf(value));
}

async function compare(cases: readonly OpCase[]): Promise<void> {
  expect(cases.length).toBeGreaterThan(0);
  for (const opCase of cases) {
    const expected = await bitsOfCase(opCase, undefined);
    for (const threads of THREADS) {
      expect(await bitsOfCase(opCase, threads), `${opCase.label}, ${threads} threads`).toEqual(expected);
    }
  }
}

describe("every operation's cases and gradients", () => {
  test.each(allOps.map((op) => [op.name, op] as const))("%s", (_, definition) => compare(casesOf(definition)));
});

describe("sizes around tiles, blocks and chunks", () => {
  test.each(Object.entries(sweeps))("%s", (_, cases) => compare(cases));
});

test("dense layers train by every product of weights in panels", async () => {
  const layers = denseLayers();
  const alone = trained(await sessionOf(layers.graph, undefined), layers);
  for (const threads of THREADS) {
    const { session, pool } = await splitSession(layers.graph, threads);
    expect(trained(session, layers), `${threads} threads`).toEqual(alone);
    expect([...pool!.loaded]).toEqual(expect.arrayContaining([...PANEL_PRODUCTS]));
  }
});

describe("the GAN", () => {
  const BATCH = 6;
  const Z_DIM = 8;

  /** All steps and the sampler, and every variable afterwards. */
  async function training(threads: number | undefined): Promise<Record<string, string>> {
    const { graph, losses, trainers, logits, samples } = ganModel(Z_DIM, recipes.balanced);
    const session = await sessionOf(graph, threads);
    const { dLossReal, dLossFake, gLoss } = losses;
    const { dTrainerReal, dTrainerFake, dTrainer, gTrainer } = trainers;
    const latent = (step: number): Float32Array => session.normal(1, step, BATCH * Z_DIM);
    const images = goldenImages(1, 0, BATCH);
    const steps: [fetches: Record<string, Fetch>, feeds: Record<string, Float32Array>][] = [
      [
        { dLossReal, dLossFake, real: dTrainerReal, fake: dTrainerFake },
        { images, z: latent(0) },
      ],
      [
        { dLossReal, dLossFake, update: dTrainer },
        { images, z: latent(1) },
      ],
      [{ gLoss, update: gTrainer }, { z: latent(2) }],
      [{ logits }, { images }],
      [{ samples }, { sampleZ: latent(3) }],
    ];
    const results: Record<string, string> = {};
    for (const [i, [fetches, feeds]] of steps.entries()) {
      for (const [name, value] of Object.entries(session.run(fetches, feeds))) {
        if (value !== undefined) results[`${i} ${name}`] = digestOf(value);
      }
    }
    for (const name of graph.variables.keys()) results[name] = digestOf(session.variables.get(name));
    return results;
  }

  test("trains and draws", async () => {
    const alone = await training(undefined);
    expect(Object.keys(alone)).toHaveLength(2 + 2 + 1 + 1 + 1 + 19);
    for (const threads of THREADS) expect(await training(threads), `${threads} threads`).toEqual(alone);
  });
});
