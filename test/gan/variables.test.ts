// The tutorial's variables: names, shapes, lists, copies, initial values.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGan, type Gan, type RecipeName } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";
import { differingArrays, tinyGan, weights, Z_DIM } from "./tiny-gan.ts";

/** The tutorial's table for any zDim, in the order in which the tutorial creates the variables. */
function modelTable(zDim: number): [name: string, shape: number[]][] {
  const [half, quarter] = [zDim / 2, zDim / 4];
  return [
    ["g_w1", [zDim, 3136]],
    ["g_b1", [3136]],
    ["bn1/beta", [1]],
    ["g_w2", [3, 3, 1, half]],
    ["g_b2", [half]],
    ["bn2/beta", [half]],
    ["g_w3", [3, 3, half, quarter]],
    ["g_b3", [quarter]],
    ["bn3/beta", [quarter]],
    ["g_w4", [1, 1, quarter, 1]],
    ["g_b4", [1]],
    ["d_w1", [5, 5, 1, 32]],
    ["d_b1", [32]],
    ["d_w2", [5, 5, 32, 64]],
    ["d_b2", [64]],
    ["d_w3", [3136, 1024]],
    ["d_b3", [1024]],
    ["d_w4", [1024, 1]],
    ["d_b4", [1]],
  ];
}

const GENERATOR = ["g_w1", "g_b1", "g_w2", "g_b2", "g_w3", "g_b3", "g_w4", "g_b4"];
const DISCRIMINATOR = ["d_w1", "d_b1", "d_w2", "d_b2", "d_w3", "d_b3", "d_w4", "d_b4"];

describe.each([100, 20, 4])("the 19 variables with zDim %i", (zDim) => {
  let gan: Gan;
  beforeAll(async () => {
    gan = await createGan({ zDim });
  });
  afterAll(() => gan.dispose());

  test("have the tutorial's names, in its order, and shapes", () => {
    expect(gan.variables.names.map((name) => [name, gan.variables.shape(name)])).toEqual(modelTable(zDim));
  });

  test("have as many values as their shapes say", () => {
    for (const [name, shape] of modelTable(zDim)) {
      expect(gan.variables.get(name), name).toHaveLength(shape.reduce((size, dim) => size * dim, 1));
    }
  });
});

test("the default zDim is 100, the default batch 50, the default recipe balanced, the default seed 7", async () => {
  const gan = await createGan();
  expect({ zDim: gan.zDim, batchSize: gan.batchSize, seed: gan.seed }).toEqual({ zDim: 100, batchSize: 50, seed: 7 });
  expect(gan.recipe).toEqual({
    pretrain: 0,
    discriminatorRate: 1e-4,
    generatorRate: 5e-4,
    beta1: 0.5,
    trainBeta: true,
  });
  expect(gan).toMatchObject({ phase: "pretrain", step: 0 });
});

describe("the two lists of variables", () => {
  const lists: [RecipeName, string[]][] = [
    ["tutorial", GENERATOR],
    ["balanced", modelTable(Z_DIM).flatMap(([name]) => (name.startsWith("d_") ? [] : [name]))],
  ];

  test.each(lists)("recipe %s: the betas are trained by balanced only", async (recipe, generatorNames) => {
    const gan = await tinyGan({ recipe });
    const shapes = new Map(modelTable(Z_DIM));
    const described = (names: string[]): unknown[] => names.map((name) => ({ name, shape: shapes.get(name) }));
    expect(gan.discriminatorVariables).toEqual(described(DISCRIMINATOR));
    expect(gan.generatorVariables).toEqual(described(generatorNames));
  });

  test("follow trainBeta of a recipe given as a record", async () => {
    const recipe = { pretrain: 2, discriminatorRate: 1e-3, generatorRate: 2e-3, beta1: 0, trainBeta: true };
    const gan = await tinyGan({ recipe });
    expect(gan.generatorVariables).toHaveLength(11);
    expect(gan.recipe).toEqual(recipe);
  });
});

describe("get and set", () => {
  let gan: Gan;
  beforeAll(async () => {
    gan = await tinyGan();
  });

  test("get returns a copy", () => {
    const before = gan.variables.get("g_w4");
    gan.variables.get("g_w4").fill(9);
    expect(gan.variables.get("g_w4")).toEqual(before);
  });

  test("set replaces the values, and keeps none of the array", () => {
    const values = Float32Array.of(0.25, -0.5);
    gan.variables.set("g_b2", values);
    values.fill(7);
    expect(gan.variables.get("g_b2")).toEqual(Float32Array.of(0.25, -0.5));
    gan.variables.set("g_b2", [1, 0.1]);
    expect(gan.variables.get("g_b2")).toEqual(Float32Array.of(1, 0.1));
  });

  test.each([
    ["g_b2", [1], "SHAPE", "variable g_b2 [2]: 1 values were given, 2 are needed"],
    ["g_b2", [1, 2, 3], "SHAPE", "variable g_b2 [2]: 3 values were given, 2 are needed"],
    ["g_b2", undefined, "SHAPE", "variable g_b2 [2]: no values were given, 2 are needed"],
    ["g_b2", [1, NaN], "ARGUMENT", "variable g_b2 [2]: value 1 is NaN, which is no finite float32"],
    ["g_b2", [-Infinity, 1], "ARGUMENT", "variable g_b2 [2]: value 0 is -Infinity, which is no finite float32"],
    ["g_b2", [1, 3.5e38], "ARGUMENT", "variable g_b2 [2]: value 1 is 3.5e+38, which is no finite float32"],
    ["g_b2", "12", "ARGUMENT", "variable g_b2 [2]: value 0 is 1, which is no finite float32"],
  ])("set(%s, %j) is refused and changes nothing", async (name, values, code, message) => {
    const before = gan.variables.get(name);
    const failure = await failureOf(() => gan.variables.set(name, values as unknown as Float32Array));
    expect(failure).toEqual({ code, message });
    expect(gan.variables.get(name)).toEqual(before);
  });

  test.each(["get", "set", "shape"] as const)(
    "%s of a name that does not exist lists those that do",
    async (method) => {
      const failure = await failureOf(() => gan.variables[method]("d_w5", []));
      expect(failure.code).toBe("VARIABLE");
      expect(failure.message).toMatch(/^variable "d_w5" does not exist; .*g_w1,? .*d_b4$/);
    },
  );
});

describe("initial values", () => {
  const SIGMA = 0.02;
  /** The standard deviation of a normal cut at 2σ: √(1 − 4φ(2)/(2Φ(2) − 1)). */
  const CUT_DEVIATION = 0.87962566 * SIGMA;

  test("truncated normals of σ 0.02: none beyond 2σ, mean and deviation as they should be", async () => {
    const gan = await createGan({ zDim: 100 });
    const drawn = [...GENERATOR, ...DISCRIMINATOR.filter((name) => name.startsWith("d_w"))];
    for (const name of drawn) {
      const values = gan.variables.get(name);
      const n = values.length;
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, name).toBeLessThanOrEqual(Math.fround(2 * SIGMA));
      expect(Math.abs(mean), `mean of ${name}`).toBeLessThan((5 * CUT_DEVIATION) / Math.sqrt(n));
      // A sample's deviation scatters by about 0.7 σ/√n where the fourth moment is a normal's, and less where it is
      // cut.
      if (n > 1) {
        expect(Math.abs(deviation - CUT_DEVIATION), `σ of ${name}`).toBeLessThan((4 * CUT_DEVIATION) / Math.sqrt(n));
      }
    }
    gan.dispose();
  });

  test("zeros for the discriminator's biases and the betas", async () => {
    const gan = await tinyGan();
    for (const name of ["d_b1", "d_b2", "d_b3", "d_b4", "bn1/beta", "bn2/beta", "bn3/beta"]) {
      expect(
        gan.variables.get(name).every((value) => Object.is(value, 0)),
        name,
      ).toBe(true);
    }
  });

  test("are equal for equal seeds, whatever was needed first, and different for different seeds", async () => {
    const [gan, same, other] = await Promise.all([7, 7, 8].map((seed) => tinyGan({ seed })));
    same!.estimate(new Float32Array(784)); // the discriminator's variables come first here
    expect(differingArrays(weights(gan!), weights(same!))).toEqual([]);
    const zeros = ["d_b1", "d_b2", "d_b3", "d_b4", "bn1/beta", "bn2/beta", "bn3/beta"];
    const drawn = gan!.variables.names.filter((name) => !zeros.includes(name));
    expect(differingArrays(weights(gan!), weights(other!))).toEqual(drawn);
  });

  test("differ between variables of one seed, and use both words of a seed", async () => {
    const [low, high] = await Promise.all([7, 7 + 2 ** 32].map((seed) => tinyGan({ seed })));
    const first = (gan: Gan, name: string): number => gan.variables.get(name)[0]!;
    expect(new Set(GENERATOR.map((name) => first(low!, name))).size).toBe(GENERATOR.length);
    expect(first(high!, "d_w1")).not.toBe(first(low!, "d_w1"));
  });
});
