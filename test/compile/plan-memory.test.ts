// The memory plan: storages that are alive at the same time never share an address.
import { describe, expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compile/compile-program.ts";
import { Buffer, Storage } from "../../src/engine/program/buffer.ts";
import { planMemory } from "../../src/engine/program/plan-memory.ts";
import type { Program } from "../../src/engine/program/program.ts";
import type { RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { align, ALIGNMENT } from "../../src/engine/runtime/memory.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { below, randomSource } from "../support/random.ts";
import { randomGraph } from "../support/random-graph.ts";

/** A part of the arena, and the calls during which something lies there. */
interface Life {
  readonly start: number;
  readonly end: number;
  first: number;
  last: number;
}

/** Returns how many pairs were alive at once. @throws where two of them overlap */
function checkLives(lives: readonly Life[]): number {
  let pairs = 0;
  lives.forEach((a, i) => {
    for (const b of lives.slice(i + 1)) {
      if (a.first > b.last || b.first > a.last) continue;
      pairs++;
      if (a.start < b.end && b.start < a.end) {
        throw new Error(
          `[${a.start}, ${a.end}) and [${b.start}, ${b.end}) are both alive at step ${Math.max(a.first, b.first)}`,
        );
      }
    }
  });
  return pairs;
}

describe("planMemory", () => {
  function randomStorages(seed: number): Storage[] {
    const random = randomSource(seed);
    return Array.from({ length: 2 + below(random, 40) }, () => {
      const storage = new Storage(4 * (1 + below(random, 300)));
      const first = below(random, 30) - 1;
      storage.touch(first);
      storage.touch(random() < 0.1 ? Infinity : first + below(random, 8));
      return storage;
    });
  }

  const lifeOf = ({ arenaOffset, byteLength, firstStep, lastStep }: Storage): Life => ({
    start: arenaOffset,
    end: arenaOffset + byteLength,
    first: firstStep,
    last: lastStep,
  });

  test("keeps apart what lives together, on cache lines, inside the arena (200 random lists)", () => {
    let pairs = 0;
    for (let seed = 0; seed < 200; seed++) {
      const storages = randomStorages(seed);
      const arenaBytes = planMemory(storages);
      pairs += checkLives(storages.map(lifeOf));
      for (const { arenaOffset, byteLength } of storages) {
        expect(arenaOffset % ALIGNMENT).toBe(0);
        expect(arenaOffset + byteLength).toBeLessThanOrEqual(arenaBytes);
      }
    }
    expect(pairs).toBeGreaterThan(5000);
  });

  /**
   * The plan by its definition: it takes the largest storage first, and puts each at the lowest offset that overlaps no
   * other storage of its time.
   */
  function planByDefinition(storages: readonly Storage[]): Map<Storage, number> {
    const offsets = new Map<Storage, number>();
    for (const storage of [...storages].sort((a, b) => b.byteLength - a.byteLength)) {
      const { firstStep, lastStep, byteLength } = storage;
      const others = [...offsets].filter(([other]) => other.firstStep <= lastStep && firstStep <= other.lastStep);
      const fits = (offset: number): boolean =>
        others.every(
          ([other, start]) => offset + align(byteLength) <= start || start + align(other.byteLength) <= offset,
        );
      const ends = others.map(([other, start]) => start + align(other.byteLength)).sort((a, b) => a - b);
      offsets.set(storage, [0, ...ends].find(fits)!);
    }
    return offsets;
  }

  test("puts each at the lowest place that is free during its life, the largest first (200 random lists)", () => {
    for (let seed = 200; seed < 400; seed++) {
      const storages = randomStorages(seed);
      const expected = planByDefinition(storages);
      planMemory(storages);
      for (const storage of storages) expect(storage.arenaOffset).toBe(expected.get(storage));
    }
  });

  test("reuses memory: a chain of equal storages takes the room of two", () => {
    const storages = Array.from({ length: 10 }, (_, call) => {
      const storage = new Storage(640);
      storage.touch(call);
      storage.touch(call + 1);
      return storage;
    });
    expect(planMemory(storages)).toBe(1280);
  });

  test("a storage that no call touches takes none", () => {
    expect(planMemory([new Storage(640)])).toBe(0);
  });

  test("the check notices an overlap", () => {
    const lives = [
      { start: 0, end: 8, first: 0, last: 3 },
      { start: 4, end: 12, first: 3, last: 5 },
    ];
    expect(() => checkLives(lives)).toThrow("step 3");
  });
});

describe("whole programs", () => {
  interface Request {
    readonly fetches: readonly Tensor[];
    readonly feedShapes: ReadonlyMap<string, Shape>;
    readonly rewrites: RewriteSwitches;
  }

  function compiled({ fetches, feedShapes, rewrites }: Request): Program {
    return compileProgram({ fetches, updates: [], feedShapes, rewrites });
  }

  /** The lives of a program's storages as its steps, feeds and fetches really use them. */
  function livesOf({ steps, feeds, fetches }: Program): Life[] {
    const lives = new Map<Storage, Life>();
    const use = ({ storage }: Buffer, step: number): void => {
      if (storage.resident !== undefined) return;
      const start = storage.arenaOffset;
      const life = lives.get(storage) ?? { start, end: start + storage.byteLength, first: step, last: step };
      lives.set(storage, { ...life, first: Math.min(life.first, step), last: Math.max(life.last, step) });
    };
    for (const buffer of feeds.values()) use(buffer, -1);
    steps.forEach((step, number) => {
      const calls = "tasks" in step ? step.tasks.flat() : [step];
      for (const arg of calls.flatMap(({ args }) => args)) if (arg instanceof Buffer) use(arg, number);
    });
    for (const buffer of fetches) use(buffer, Infinity);
    return [...lives.values()];
  }

  function checkProgram(request: Request): number {
    const program = compiled(request);
    const lives = livesOf(program);
    for (const { end } of lives) expect(end).toBeLessThanOrEqual(program.arenaBytes);
    return checkLives(lives);
  }

  test("of 60 random graphs, with some nodes fetched and their gradients", () => {
    let pairs = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { loss, x, nodes } = randomGraph(seed);
      const random = randomSource(seed);
      const fetches = [...nodes.filter(() => random() < 0.2), loss, ...gradients(loss, [x])];
      pairs += checkProgram({ fetches, feedShapes: new Map([[x.name, x.shape as Shape]]), rewrites: {} });
    }
    expect(pairs).toBeGreaterThan(5000);
  });

  test.each(["dLossReal", "dLossFake", "dLoss", "gLoss"] as const)("of the GAN's %s and its gradients", (name) => {
    const { losses, discriminatorVariables, generatorVariables } = ganModel(8, recipes.tutorial);
    const variables = name === "gLoss" ? generatorVariables : discriminatorVariables;
    const fetches = [losses[name], ...gradients(losses[name], variables)];
    const feedShapes = new Map<string, Shape>([
      ["images", [3, 28, 28, 1]],
      ["z", [3, 8]],
    ]);
    for (const rewrites of [{}, { collapseResize: false, fuseBias: false, accumulateProducts: false }]) {
      expect(checkProgram({ fetches, feedShapes, rewrites })).toBeGreaterThan(100);
    }
  });
});
