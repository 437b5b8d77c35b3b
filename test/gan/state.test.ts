// state() and restore(): exact resume, and damaged states that change nothing.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NUMERICS_VERSION, type Gan, type GanState, type OptimizerState, type TrainerName } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";
import { differences, differingArrays, images, iterate, latent, pretrain, tinyGan } from "./tiny-gan.ts";

describe("a restored GAN goes on with the same bits", () => {
  /** States on the way: fresh, within pre-training, between it and training, within training. */
  const moments = ["fresh", "after 1 pretrain step", "after all pretrain steps", "after 1 iteration"] as const;
  const states = new Map<string, GanState>();
  const steps = [
    (gan: Gan) => pretrain(gan, 0),
    (gan: Gan) => pretrain(gan, 1),
    (gan: Gan) => iterate(gan, 0),
    (gan: Gan) => iterate(gan, 1),
  ];
  const losses: (readonly number[])[] = [];
  let unbroken: Gan;
  let last: GanState;

  beforeAll(async () => {
    unbroken = await tinyGan({ seed: 5, recipe: "balanced" });
    steps.forEach((step, k) => {
      states.set(moments[k]!, unbroken.state());
      losses.push(step(unbroken));
    });
    last = unbroken.state();
  });
  afterAll(() => unbroken.dispose());

  test.each(moments.map((moment, k) => [moment, k] as const))(
    "%s, in another GAN of another seed",
    async (moment, k) => {
      const gan = await tinyGan({ seed: 6, recipe: "balanced" });
      const state = states.get(moment)!;
      gan.restore(state);
      expect(differences(gan.state(), state), "its own state").toEqual([]);
      expect(gan.seed, "the state's seed").toBe(5);
      expect(gan.latent("generator", 3, 1)).toEqual(unbroken.latent("generator", 3, 1));
      expect(steps.slice(k).map((step) => step(gan))).toEqual(losses.slice(k));
      expect(differences(gan.state(), last)).toEqual([]);
      gan.dispose();
    },
  );

  test("in the GAN it came from, and in one that was trained otherwise", async () => {
    const gan = await tinyGan({ seed: 6, recipe: "balanced" });
    pretrain(gan, 8);
    iterate(gan, 9);
    for (const resumed of [unbroken, gan]) {
      resumed.restore(states.get(moments[1])!);
      expect(resumed).toMatchObject({ phase: "pretrain", step: 1, seed: 5 });
      expect(steps.slice(1).map((step) => step(resumed))).toEqual(losses.slice(1));
      expect(differences(resumed.state(), last)).toEqual([]);
    }
  });

  test("in the middle of an iteration", async () => {
    const gan = await tinyGan({ seed: 6, recipe: "balanced" });
    gan.restore(states.get(moments[2])!);
    gan.discriminatorStep(images(0), latent(0));
    const between = gan.state();
    const resumed = await tinyGan({ recipe: "balanced" });
    resumed.restore(between);
    for (const each of [gan, resumed]) each.generatorStep(latent(1));
    expect(differences(gan.state(), states.get(moments[3])!)).toEqual([]);
    expect(differences(resumed.state(), gan.state())).toEqual([]);
  });

  test("but not without the optimizers' state", async () => {
    const gan = await tinyGan({ seed: 5, recipe: "balanced" });
    const state = states.get(moments[3])!;
    const none: OptimizerState = { t: 0, slots: { m: new Map(), v: new Map() } };
    gan.restore({
      ...state,
      optimizers: { dTrainerReal: none, dTrainerFake: none, dTrainer: none, gTrainer: none },
    });
    expect(iterate(gan, 1)).not.toEqual(losses[3]);
    expect(differences(gan.state(), last)).toContain("d_w3");
  });
});

test("a state is a copy: neither training nor its reader reaches the other's values", async () => {
  const gan = await tinyGan();
  pretrain(gan, 0);
  const [state, untouched] = [gan.state(), gan.state()];
  pretrain(gan, 1);
  expect(differences(state, untouched)).toEqual([]);
  gan.restore(state);
  state.variables.get("d_w3")!.fill(1);
  state.optimizers.dTrainerReal.slots.m!.get("d_w3")!.fill(1);
  expect(differences(gan.state(), untouched)).toEqual([]);
});

test("a view of the state tells the GAN as it is when a tensor is asked for, and has no other names", async () => {
  const gan = await tinyGan();
  pretrain(gan, 0);
  const view = gan.stateView();
  expect(differences(view, gan.state())).toEqual([]);
  pretrain(gan, 1);
  const { variables, optimizers } = gan.state();
  expect(differingArrays(view.variables, variables)).toEqual([]);
  expect(differingArrays(view.optimizers.dTrainerFake.slots.v!, optimizers.dTrainerFake.slots.v!)).toEqual([]);
  const names: string[] = [];
  view.variables.forEach((values, name, map) => {
    expect(values.length, name).toBe(variables.get(name)!.length);
    expect(map.has(name), name).toBe(true);
    names.push(name);
  });
  expect(names).toEqual(gan.variables.names);
  expect([...view.variables.values()].length).toBe(view.variables.size);
  expect([view.variables.get("w"), view.variables.has("w")]).toEqual([undefined, false]);
});

test("an Adam that made no update has no moments", async () => {
  const gan = await tinyGan();
  pretrain(gan, 0);
  const { optimizers, numericsVersion } = gan.state();
  expect(numericsVersion).toBe(NUMERICS_VERSION);
  expect(optimizers.dTrainer).toEqual({ t: 0, slots: { m: new Map(), v: new Map() } });
  expect([...optimizers.dTrainerFake.slots.v!.keys()]).toEqual(gan.discriminatorVariables.map(({ name }) => name));
});

test("any number of updates restores at once: the powers of β come to rest", async () => {
  const gan = await tinyGan();
  pretrain(gan, 0);
  const state = gan.state();
  const dTrainerReal = { ...state.optimizers.dTrainerReal, t: Number.MAX_SAFE_INTEGER };
  gan.restore({ ...state, optimizers: { ...state.optimizers, dTrainerReal } });
  expect(pretrain(gan, 1).every(Number.isFinite)).toBe(true);
});

describe("a damaged state is refused, and nothing of it is taken over", () => {
  let gan: Gan;
  let own: GanState;
  let good: GanState;

  beforeAll(async () => {
    gan = await tinyGan({ seed: 1 });
    own = gan.state();
    const other = await tinyGan({ seed: 2 });
    iterate(other, 4);
    good = other.state();
    other.dispose();
  });
  afterAll(() => gan.dispose());

  const withVariable = (name: string, values?: Float32Array): GanState => {
    const variables = new Map(good.variables);
    if (values === undefined) variables.delete(name);
    else variables.set(name, values);
    return { ...good, variables };
  };
  const withTrainer = (trainer: TrainerName, change: Partial<OptimizerState>): GanState => ({
    ...good,
    optimizers: { ...good.optimizers, [trainer]: { ...good.optimizers[trainer], ...change } },
  });
  const withSlots = (trainer: TrainerName, change: OptimizerState["slots"]): GanState =>
    withTrainer(trainer, { slots: { ...good.optimizers[trainer].slots, ...change } });
  const changed = (
    moments: ReadonlyMap<string, Float32Array>,
    name: string,
    at: number,
    value: number,
  ): typeof moments => {
    const values = moments.get(name)!.slice();
    values[at] = value;
    return new Map([...moments, [name, values]]);
  };
  const any = (value: unknown): never => value as never;

  const damages: [what: string, code: string, message: string, damaged: () => GanState][] = [
    ["no object", "ARGUMENT", "restore: this is no state: it has no variables, a Map of Float32Array", () => any(null)],
    [
      "an empty object",
      "ARGUMENT",
      "restore: this is no state: it has no variables, a Map of Float32Array",
      () => any({}),
    ],
    [
      "variables in a plain object",
      "ARGUMENT",
      "restore: this is no state: it has no variables, a Map of Float32Array",
      () => ({ ...good, variables: any(Object.fromEntries(good.variables)) }),
    ],
    [
      "another NUMERICS_VERSION",
      "NUMERICS",
      `the state was written with NUMERICS_VERSION ${NUMERICS_VERSION + 1}, this is ${NUMERICS_VERSION}: ` +
        "training would go on with other bits",
      () => ({ ...good, numericsVersion: NUMERICS_VERSION + 1 }),
    ],
    ["another batch", "MISMATCH", "the state has batchSize 3, this GAN has 2", () => ({ ...good, batchSize: 3 })],
    ["another zDim", "MISMATCH", "the state has zDim 8, this GAN has 4", () => ({ ...good, zDim: 8 })],
    [
      "another recipe",
      "MISMATCH",
      "the state has generatorRate 0.0005, this GAN has 0.0001",
      () => ({ ...good, recipe: { ...good.recipe, generatorRate: 5e-4 } }),
    ],
    [
      "no recipe",
      "MISMATCH",
      "the state has pretrain undefined, this GAN has 300",
      () => ({ ...good, recipe: any(null) }),
    ],
    [
      "a seed below 0",
      "ARGUMENT",
      "seed is -1; it must be an integer from 0 to 2^53-1 (9007199254740991)",
      () => ({ ...good, seed: -1 }),
    ],
    [
      "an unknown phase",
      "ARGUMENT",
      `the state's phase is "warmup"; it must be "pretrain" or "train"`,
      () => ({ ...good, phase: any("warmup") }),
    ],
    ["half a step", "ARGUMENT", "the state's step is 0.5; it must be an integer ≥ 0", () => ({ ...good, step: 0.5 })],
    ["a step below 0", "ARGUMENT", "the state's step is -1; it must be an integer ≥ 0", () => ({ ...good, step: -1 })],
    ["a missing variable", "VARIABLE", "the state lacks variable d_b4", () => withVariable("d_b4")],
    [
      "an unknown variable",
      "VARIABLE",
      'variable "d_b5" does not exist; the graph has g_w1, g_b1, bn1/beta, g_w2, g_b2, bn2/beta, g_w3, g_b3, ' +
        "bn3/beta, g_w4, g_b4, d_w1, d_b1, d_w2, d_b2, d_w3, d_b3, d_w4, d_b4",
      () => withVariable("d_b5", new Float32Array(1)),
    ],
    [
      "a variable too short",
      "SHAPE",
      "variable d_w1 [5,5,1,32]: 799 values were given, 800 are needed",
      () => withVariable("d_w1", new Float32Array(799)),
    ],
    [
      "NaN in a variable",
      "ARGUMENT",
      "variable d_b4 [1]: value 0 is NaN, which is no finite float32",
      () => withVariable("d_b4", Float32Array.of(NaN)),
    ],
    [
      "no optimizers",
      "ARGUMENT",
      "optimizer dTrainerReal: t is undefined, not an integer ≥ 0",
      () => ({ ...good, optimizers: any(undefined) }),
    ],
    [
      "a missing optimizer",
      "ARGUMENT",
      "optimizer gTrainer: t is undefined, not an integer ≥ 0",
      () => ({ ...good, optimizers: any({ ...good.optimizers, gTrainer: undefined }) }),
    ],
    [
      "t below 0",
      "ARGUMENT",
      "optimizer dTrainer: t is -1, not an integer ≥ 0",
      () => withTrainer("dTrainer", { t: -1 }),
    ],
    [
      "t of 1.5",
      "ARGUMENT",
      "optimizer gTrainer: t is 1.5, not an integer ≥ 0",
      () => withTrainer("gTrainer", { t: 1.5 }),
    ],
    [
      "no second moments",
      "ARGUMENT",
      "optimizer gTrainer: v is not a Map of Float32Array",
      () => withSlots("gTrainer", { v: any(undefined) }),
    ],
    [
      "an unknown slot",
      "ARGUMENT",
      `optimizer dTrainer: it has no slot "w"; it has m, v`,
      () => withSlots("dTrainer", { w: new Map() }),
    ],
    [
      "no slots",
      "ARGUMENT",
      "optimizer dTrainer: slots is undefined, not an object of Maps",
      () => withTrainer("dTrainer", { slots: any(undefined) }),
    ],
    [
      "moments gone after an update",
      "SHAPE",
      "optimizer gTrainer: m has 0 entries for 8 variables",
      () => withSlots("gTrainer", { m: new Map(), v: new Map() }),
    ],
    [
      "one second moment gone",
      "SHAPE",
      "optimizer gTrainer: v has 7 entries for 8 variables",
      () => withSlots("gTrainer", { v: new Map([...good.optimizers.gTrainer.slots.v!].slice(1)) }),
    ],
    [
      "a moment under another name",
      "SHAPE",
      "optimizer gTrainer: m of g_w1 [4,3136]: 0 values were given, 12544 are needed",
      () =>
        withSlots("gTrainer", {
          m: new Map([...good.optimizers.gTrainer.slots.m!].map(([name, m], i) => [i === 0 ? "w" : name, m])),
        }),
    ],
    [
      "a moment too long",
      "SHAPE",
      "optimizer dTrainer: v of d_b4 [1]: 2 values were given, 1 are needed",
      () =>
        withSlots("dTrainer", { v: new Map([...good.optimizers.dTrainer.slots.v!, ["d_b4", new Float32Array(2)]]) }),
    ],
    [
      "an infinite moment",
      "ARGUMENT",
      "optimizer dTrainer: m of d_b1 [32]: value 3 is Infinity, which is no finite float32",
      () => withSlots("dTrainer", { m: changed(good.optimizers.dTrainer.slots.m!, "d_b1", 3, Infinity) }),
    ],
    [
      "a second moment below 0",
      "ARGUMENT",
      "optimizer dTrainer: v of d_b1: value 3 is -1, below 0",
      () => withSlots("dTrainer", { v: changed(good.optimizers.dTrainer.slots.v!, "d_b1", 3, -1) }),
    ],
  ];

  test.each(damages)("%s → %s", async (_, code, message, damaged) => {
    expect(await failureOf(() => gan.restore(damaged()))).toEqual({ code, message });
    expect(differences(gan.state(), own)).toEqual([]);
  });

  test("the state they were made from is taken", () => {
    expect(differences(good, own).length).toBeGreaterThan(20);
    gan.restore(good);
    expect(differences(gan.state(), good)).toEqual([]);
  });
});
