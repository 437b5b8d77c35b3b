import type {
  DiscriminatorLosses,
  Gan,
  GanState,
  GanVariables,
  GeneratorLoss,
  LatentStream,
  Phase,
  TrainerDescription,
  TrainerName,
  VariableDescription,
} from "../../../src/gan/types.ts";
import type { Recipe } from "../../../src/gan/recipes.ts";
import { NUMERICS_VERSION } from "../../../src/engine/numerics-version.ts";

/** The number of images in the fake data set. It is small, so that a test crosses epochs. */
export const FAKE_BATCH = 2;

const SHAPES: ReadonlyMap<string, readonly number[]> = new Map([
  ["g_w1", [2, 3]],
  ["bn1/beta", [1]],
  ["d_w1", [2, 2]],
  ["d_b1", [2]],
]);

const RECIPE: Recipe = { pretrain: 3, discriminatorRate: 0.1, generatorRate: 0.2, beta1: 0.5, trainBeta: false };

interface Moments {
  t: number;
  slots: { m: Map<string, Float32Array>; v: Map<string, Float32Array> };
}

/**
 * A GAN of a dozen numbers for tests of the trainer. Every step depends on all that a real one depends on (its batch,
 * its z, the variables, its Adam's moments and t), so that an error in a restored state shows. `calls` lists the calls
 * that it got.
 */
export class FakeGan implements Gan {
  readonly batchSize: number = FAKE_BATCH;
  readonly zDim = 4;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly calls: string[] = [];
  readonly values: Map<string, Float32Array> = new Map(
    [...SHAPES].map(([name, shape], n) => [name, Float32Array.from(ramp(product(shape), n))]),
  );
  readonly memoryBytes = 0;
  readonly threads = 1;
  phase: Phase = "pretrain";
  step = 0;
  /** If set, the generator draws this value. */
  ink: number | undefined;
  #adams: Record<TrainerName, Moments> = {
    dTrainerReal: fresh(),
    dTrainerFake: fresh(),
    dTrainer: fresh(),
    gTrainer: fresh(),
  };

  constructor({ recipe = {}, seed = 7 }: { recipe?: Partial<Recipe>; seed?: number } = {}) {
    this.recipe = { ...RECIPE, ...recipe };
    this.seed = seed;
  }

  readonly variables: GanVariables = {
    names: [...SHAPES.keys()],
    shape: (name: string): readonly number[] => SHAPES.get(name)!,
    get: (name: string): Float32Array => this.values.get(name)!.slice(),
    set: (name: string, values: ArrayLike<number>): void => this.values.get(name)!.set(values),
  };

  get trainers(): Record<TrainerName, TrainerDescription> {
    const slots = ["m", "v"];
    const [d, g] = [this.discriminatorVariables, this.generatorVariables].map((variables) => ({ slots, variables }));
    return { dTrainerReal: d!, dTrainerFake: d!, dTrainer: d!, gTrainer: g! };
  }

  get discriminatorVariables(): VariableDescription[] {
    return ["d_w1", "d_b1"].map((name) => ({ name, shape: SHAPES.get(name)! }));
  }

  get generatorVariables(): VariableDescription[] {
    return [{ name: "g_w1", shape: SHAPES.get("g_w1")! }];
  }

  pretrainStep(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    this.calls.push(`pretrainStep ${digest(images)} ${digest(z)}`);
    const losses = this.#losses(images, z);
    this.#update("dTrainerReal", losses.dLossReal);
    this.#update("dTrainerFake", losses.dLossFake);
    this.step++;
    return losses;
  }

  discriminatorStep(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    if (this.phase === "pretrain") [this.phase, this.step] = ["train", 0];
    this.calls.push(`discriminatorStep ${digest(images)} ${digest(z)}`);
    const losses = this.#losses(images, z);
    this.#update("dTrainer", losses.dLossReal + losses.dLossFake);
    return losses;
  }

  generatorStep(z: Float32Array): GeneratorLoss {
    this.calls.push(`generatorStep ${digest(z)}`);
    const gLoss = this.#losses(z, z).dLossFake;
    this.#update("gTrainer", gLoss);
    this.step++;
    return { gLoss };
  }

  generate(z: Float32Array): Float32Array {
    this.calls.push(`generate ${digest(z)}`);
    return new Float32Array((z.length / this.zDim) * 784).fill(this.ink ?? Math.abs(this.values.get("g_w1")![0]!) % 1);
  }

  estimate(images: Float32Array): Float32Array {
    this.calls.push(`estimate ${digest(images)}`);
    return new Float32Array(images.length / 784).fill(images[0]!);
  }

  gradients(): Map<string, Float32Array> {
    throw new Error("the trainer asks for no gradients");
  }

  latent(stream: LatentStream, step: number, count: number): Float32Array {
    return Float32Array.from(ramp(count * this.zDim, stream.length * 1000 + step + this.seed));
  }

  state(): GanState {
    const { batchSize, zDim, recipe, seed, phase, step } = this;
    const variables = new Map(this.variables.names.map((name) => [name, this.variables.get(name)]));
    const optimizers: GanState["optimizers"] = structuredClone(this.#adams);
    return { numericsVersion: NUMERICS_VERSION, batchSize, zDim, recipe, seed, phase, step, variables, optimizers };
  }

  stateView(): GanState {
    return this.state();
  }

  restore(state: GanState): void {
    for (const [name, values] of state.variables) this.variables.set(name, values);
    const copy = ({ t, slots: { m, v } }: GanState["optimizers"]["dTrainer"]): Moments =>
      structuredClone({ t, slots: { m: new Map(m), v: new Map(v) } });
    for (const name of Object.keys(this.#adams) as TrainerName[]) this.#adams[name] = copy(state.optimizers[name]);
    this.phase = state.phase;
    this.step = state.step;
  }

  dispose(): void {
    this.calls.push("dispose");
  }

  #losses(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    const weight = this.values.get("d_w1")![0]!;
    return { dLossReal: Math.fround(digest(images) * weight), dLossFake: Math.fround(digest(z) * weight) };
  }

  /** An update in Adam's manner: it depends on the moments and on t. */
  #update(trainer: TrainerName, loss: number): void {
    const adam = this.#adams[trainer];
    adam.t++;
    const names = trainer === "gTrainer" ? this.generatorVariables : this.discriminatorVariables;
    for (const { name } of names) {
      const w = this.values.get(name)!;
      const m = adam.slots.m.get(name) ?? new Float32Array(w.length);
      const v = adam.slots.v.get(name) ?? new Float32Array(w.length);
      for (let i = 0; i < w.length; i++) {
        m[i] = 0.5 * m[i]! + loss + i;
        v[i] = 0.9 * v[i]! + loss * loss + 1;
        w[i] = w[i]! - (0.01 * m[i]!) / (Math.sqrt(v[i]!) + adam.t);
      }
      adam.slots.m.set(name, m);
      adam.slots.v.set(name, v);
    }
  }
}

/** A number that any change of the values, or of their order, changes. */
export function digest(values: Float32Array): number {
  return values.reduce((sum, value, i) => (sum * 31 + value * 1000 + i) % 997, 0);
}

function ramp(length: number, start: number): number[] {
  return Array.from({ length }, (_, i) => ((start * 7 + i * 3) % 11) / 10 + 0.05);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

function fresh(): Moments {
  return { t: 0, slots: { m: new Map(), v: new Map() } };
}
