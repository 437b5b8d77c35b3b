// Compares the whole GAN with TensorFlow: with the numbers of test/golden, judged as its README says. Their float64 has
// a property of TensorFlow 1: its Adam rounds β₁, β₂, their powers, the rate and ε to float32, while ours follows the
// paper in float64. Over these few steps the difference is below the limits (1.4e-6 of a loss). Over twenty iterations
// it would be 1e-4 and more.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGan, type Gan, type LossName } from "../../src/index.ts";
import { goldenImages, goldenLatent, goldenVariable } from "../support/golden-inputs.ts";

interface Summary {
  readonly l2: number;
  readonly sum: number;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

type Losses = Partial<Record<LossName, number>>;

interface Run {
  readonly start: {
    readonly losses: Losses;
    readonly logitsReal: readonly number[];
    readonly logitsFake: readonly number[];
    readonly generated: Summary;
    readonly generatedOne: Summary;
    readonly gradients: Readonly<Record<LossName, Readonly<Record<string, Summary>>>>;
  };
  readonly steps: readonly (Losses & { readonly phase: string })[];
  readonly variables: Readonly<Record<string, Summary>>;
  readonly end: { readonly generatedOne: Summary; readonly estimate: number };
}

interface Golden {
  readonly config: {
    readonly images: "hash" | "mnist";
    readonly salt: number;
    readonly batch: number;
    readonly zDim: number;
    readonly pretrain: number;
    readonly iterations: number;
  };
  readonly float64: Run;
  readonly float32: Run;
}

const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));
const own = fileURLToPath(new URL("../golden/", import.meta.url));
const LOSSES = ["dLossReal", "dLossFake", "dLoss", "gLoss"] as const;

goldenSuite("small.json", `${own}small.json`);
goldenSuite("tutorial.json", `${own}tutorial.json`);
goldenSuite("mnist.json (skipped without ../shared)", `${shared}golden/mnist.json`);

function goldenSuite(name: string, path: string): void {
  describe.skipIf(!existsSync(path))(`TensorFlow's numbers: ${name}`, () => {
    let golden: Golden;
    let gan: Gan;
    const worst = new Map<string, { readonly error: number; readonly bound: number; readonly float32: number }>();

    beforeAll(async () => {
      golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
      const { batch, zDim, salt } = golden.config;
      gan = await createGan({ batchSize: batch, zDim, recipe: "tutorial" });
      for (const variable of gan.variables.names) {
        const size = gan.variables.get(variable).length;
        gan.variables.set(variable, goldenVariable(salt, variable, size));
      }
    });

    afterAll(() => {
      gan.dispose();
      for (const [what, { error, bound, float32 }] of worst) {
        console.log(
          `${name} ${what}: worst error ${show(error)} of ${show(bound)} allowed; TensorFlow float32 ${show(float32)}`,
        );
      }
    });

    const latent = (k: number, count: number): Float32Array =>
      goldenLatent(golden.config.salt, k, count * golden.config.zDim);
    const real = (k: number): Float32Array =>
      golden.config.images === "hash"
        ? goldenImages(golden.config.salt, k, golden.config.batch)
        : mnistBatch(golden.config.salt, k, golden.config.batch);

    /** Expects |got − want| ≤ bound, and keeps the error nearest to its bound for the report. */
    function near(what: string, detail: string, got: number, want: number, bound: number, float32: number): void {
      const error = Math.abs(got - want);
      const before = worst.get(what);
      if (before === undefined || error / bound > before.error / before.bound) {
        worst.set(what, { error, bound, float32: Math.abs(float32 - want) });
      }
      expect(error, `${what} ${detail}: got ${got}, want ${want}`).toBeLessThanOrEqual(bound);
    }

    test("logits and pixels before the first step", () => {
      const { batch } = golden.config;
      const { float64, float32 } = golden;
      const generated = gan.generate(latent(0, batch));
      const one = gan.generate(latent(900, 1));
      const logits = { logitsReal: gan.estimate(real(0)), logitsFake: gan.estimate(generated) };
      for (const [key, values] of Object.entries({ generated, generatedOne: one })) {
        const which = key as "generated" | "generatedOne";
        const want = float64.start[which];
        want.at.forEach((at, i) => {
          near("pixels at start", `${key}[${at}]`, values[at]!, want.values[i]!, 3e-6, float32.start[which].values[i]!);
        });
      }
      for (const [key, values] of Object.entries(logits)) {
        const which = key as "logitsReal" | "logitsFake";
        expect(values).toHaveLength(batch);
        float64.start[which].forEach((want, i) => {
          near("logits at start", `${key}[${i}]`, values[i]!, want, 3e-6, float32.start[which][i]!);
        });
      }
    });

    test("gradients of all four losses", () => {
      const { float64, float32 } = golden;
      for (const loss of LOSSES) {
        const gradients = gan.gradients(loss, real(0), latent(0, golden.config.batch));
        expect(gradients.size).toBe(8);
        for (const [variable, got] of gradients) {
          const want = float64.start.gradients[loss][variable]!;
          const rounded = float32.start.gradients[loss][variable]!;
          const scales = scalesOf(golden, loss, variable, got.length);
          const float32Error = Math.max(...want.values.map((value, i) => Math.abs(value - rounded.values[i]!)));
          const bound = Math.max(5e-5 * scales.value, 10 * float32Error);
          want.at.forEach((at, i) => {
            near(
              "gradients at start",
              `${loss} ${variable}[${at}]`,
              got[at]!,
              want.values[i]!,
              bound,
              rounded.values[i]!,
            );
          });
          const l2Bound = Math.max(5e-5 * scales.l2, 10 * Math.abs(rounded.l2 - want.l2));
          near("l2 of gradients at start", `${loss} ${variable}`, l2(got), want.l2, l2Bound, rounded.l2);
        }
      }
    });

    test("losses of every step, and what they lead to", () => {
      const { pretrain, batch, iterations } = golden.config;
      const { float64, float32 } = golden;
      let drift = 0;
      float64.steps.forEach((want, s) => {
        const z = latent(2 * s, batch);
        const got: Losses =
          s < pretrain
            ? gan.pretrainStep(real(s), z)
            : { ...gan.discriminatorStep(real(s), z), ...gan.generatorStep(latent(2 * s + 1, batch)) };
        for (const loss of LOSSES) {
          if (want[loss] === undefined || got[loss] === undefined) continue;
          const rounded = float32.steps[s]![loss]!;
          drift = Math.max(drift, Math.abs(rounded - want[loss]) / want[loss]);
          near(
            "losses",
            `step ${s} ${loss}`,
            got[loss] / want[loss],
            1,
            Math.max(3e-6, 20 * drift),
            rounded / want[loss],
          );
        }
        expect(Object.keys(got).length).toBe(s < pretrain ? 2 : 3);
      });
      expect(float64.steps).toHaveLength(pretrain + iterations);

      const slack = float64.steps.length > 12 ? 20 : 1;
      for (const [variable, want] of Object.entries(float64.variables)) {
        const got = gan.variables.get(variable);
        want.at.forEach((at, i) => {
          const rounded = float32.variables[variable]!.values[i]!;
          near(
            "variables at the end",
            `${variable}[${at}]`,
            got[at]!,
            want.values[i]!,
            slack * tolerance(variable),
            rounded,
          );
        });
      }
      const one = gan.generate(latent(901, 1));
      const wantOne = float64.end.generatedOne;
      wantOne.at.forEach((at, i) => {
        const rounded = float32.end.generatedOne.values[i]!;
        near("pixels at the end", `[${at}]`, one[at]!, wantOne.values[i]!, slack * 5e-5, rounded);
      });
      near("estimate at the end", "", gan.estimate(one)[0]!, float64.end.estimate, slack * 5e-5, float32.end.estimate);
    });
  });
}

/** The largest error that a variable may have after all steps. */
function tolerance(variable: string): number {
  return variable === "g_w2" || variable === "g_w3" ? 5e-5 : 1e-5;
}

/** The scale of a gradient's error. dLoss is a difference of large numbers, so its parts give its scale. */
function scalesOf(golden: Golden, loss: LossName, variable: string, n: number): { value: number; l2: number } {
  const { gradients } = golden.float64.start;
  const parts = loss === "dLoss" ? (["dLossReal", "dLossFake"] as const) : ([loss] as const);
  const scale = (s: Summary): number => Math.max(...s.values.map(Math.abs), s.l2 / Math.sqrt(n));
  return {
    value: Math.max(...parts.map((part) => scale(gradients[part][variable]!))),
    l2: Math.max(...parts.map((part) => gradients[part][variable]!.l2)),
  };
}

function l2(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function show(value: number): string {
  return value.toExponential(1);
}

/** MNIST's training images (S·977 + k·B + j) mod 60000 as pixels in [0, 1]. */
function mnistBatch(salt: number, k: number, batch: number): Float32Array {
  const raw = gunzipSync(readFileSync(`${shared}data/mnist/train-images-idx3-ubyte.gz`)).subarray(16);
  return Float32Array.from({ length: batch * 784 }, (_, i) => {
    const image = (salt * 977 + k * batch + Math.floor(i / 784)) % 60000;
    return raw[image * 784 + (i % 784)]! / 255;
  });
}
