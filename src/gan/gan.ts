import { ArgumentError, MismatchError, NonFiniteError, NumericsError, VariableError } from "../engine/errors.ts";
import { gradients } from "../engine/graph/gradients.ts";
import type { Tensor, Variable } from "../engine/graph/tensor.ts";
import type { Update } from "../engine/graph/update.ts";
import { NUMERICS_VERSION } from "../engine/numerics-version.ts";
import { checkOptionNames } from "../engine/arguments.ts";
import { checkSeed } from "../engine/random/philox.ts";
import { STREAMS } from "../engine/random/streams.ts";
import { compile } from "../engine/session/compile.ts";
import type { Session } from "../engine/session/session.ts";
import { checkIsState, type SessionState } from "../engine/session/state.ts";
import { checkImages, checkLatent, countOf, IMAGE_SIZE, MOST_AT_ONCE } from "./batch-checks.ts";
import { ganModel, type GanModel } from "./model.ts";
import { resolveRecipe } from "./recipes.ts";
import type {
  DiscriminatorLosses,
  Gan,
  GanOptions,
  GanState,
  GanVariables,
  GeneratorLoss,
  LatentStream,
  LossName,
  Phase,
  Recipe,
  TrainerDescription,
  TrainerName,
  VariableDescription,
} from "./types.ts";

const OPTIONS = ["batchSize", "zDim", "seed", "threads", "recipe", "module", "bytes", "url"];

const LATENT_STREAMS: Readonly<Record<LatentStream, number>> = {
  pretrain: STREAMS.pretrainLatent,
  discriminator: STREAMS.discriminatorLatent,
  generator: STREAMS.generatorLatent,
  sample: STREAMS.sampleLatent,
  grid: STREAMS.gridLatent,
};

/**
 * The tutorial's GAN, ready to train: loads the kernels and builds the graph. Memory and programs come with the first
 * step of each kind.
 * @throws ArgumentError for an option outside its range, UnsupportedError where WebAssembly SIMD is missing.
 */
export async function createGan(options: GanOptions = {}): Promise<Gan> {
  checkOptionNames("createGan", options, OPTIONS);
  const { batchSize = 50, zDim = 100, seed = 7, threads = 1, recipe = "balanced", ...source } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > MOST_AT_ONCE) {
    throw new ArgumentError(`batchSize is ${String(batchSize)}; it must be an integer from 1 to ${MOST_AT_ONCE}`);
  }
  if (!Number.isInteger(zDim) || zDim < 4 || zDim > 1024 || zDim % 4 !== 0) {
    throw new ArgumentError(`zDim is ${String(zDim)}; it must be a multiple of 4 from 4 to 1024`);
  }
  checkSeed(seed);
  const resolved = resolveRecipe(recipe);
  const model = ganModel(zDim, resolved);
  const session = await compile(model.graph, { seed, threads, ...source });
  return new TutorialGan(model, session, batchSize, zDim, resolved);
}

class TutorialGan implements Gan {
  readonly batchSize: number;
  readonly zDim: number;
  readonly recipe: Recipe;
  readonly discriminatorVariables: readonly VariableDescription[];
  readonly generatorVariables: readonly VariableDescription[];
  readonly trainers: Readonly<Record<TrainerName, TrainerDescription>>;
  readonly variables: GanVariables;
  readonly #model: GanModel;
  readonly #session: Session;
  readonly #gradients = new Map<LossName, Readonly<Record<string, Tensor>>>();
  #phase: Phase = "pretrain";
  #step = 0;

  constructor(model: GanModel, session: Session, batchSize: number, zDim: number, recipe: Recipe) {
    this.batchSize = batchSize;
    this.zDim = zDim;
    this.recipe = recipe;
    this.discriminatorVariables = model.discriminatorVariables.map(describe);
    this.generatorVariables = model.generatorVariables.map(describe);
    this.trainers = mapTrainers(model, ({ optimizer, variables }) => ({
      slots: optimizer.slots.map(({ name }) => name),
      variables: variables.map(describe),
    }));
    this.variables = variablesOf(model, session);
    this.#model = model;
    this.#session = session;
  }

  get seed(): number {
    return this.#session.seed;
  }

  get threads(): number {
    return this.#session.threads;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get step(): number {
    return this.#step;
  }

  get memoryBytes(): number {
    return this.#session.memoryBytes;
  }

  pretrainStep(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    this.#checkBatch("pretrainStep", images, z);
    if (this.#phase !== "pretrain") throw new ArgumentError("pretrainStep: training proper has begun");
    const { losses, trainers } = this.#model;
    const { dLossReal, dLossFake } = losses;
    const fetches = { dLossReal, dLossFake, real: trainers.dTrainerReal, fake: trainers.dTrainerFake };
    const results = this.#session.run(fetches, { images, z });
    return this.#completed({ dLossReal: results.dLossReal as number, dLossFake: results.dLossFake as number });
  }

  discriminatorStep(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    this.#checkBatch("discriminatorStep", images, z);
    this.#beginTraining();
    const { losses, trainers } = this.#model;
    const { dLossReal, dLossFake } = losses;
    const results = this.#session.run({ dLossReal, dLossFake, update: trainers.dTrainer }, { images, z });
    return this.#finite({ dLossReal: results.dLossReal as number, dLossFake: results.dLossFake as number });
  }

  generatorStep(z: Float32Array): GeneratorLoss {
    checkLatent("generatorStep", z, this.batchSize, this.zDim);
    this.#beginTraining();
    const { losses, trainers } = this.#model;
    const results = this.#session.run({ gLoss: losses.gLoss, update: trainers.gTrainer }, { z });
    return this.#completed({ gLoss: results.gLoss as number });
  }

  generate(z: Float32Array): Float32Array {
    checkLatent("generate", z, countOf("generate: z", z, this.zDim), this.zDim);
    return this.#session.run({ samples: this.#model.samples }, { sampleZ: z }).samples as Float32Array;
  }

  estimate(images: Float32Array): Float32Array {
    checkImages("estimate", images, countOf("estimate: images", images, IMAGE_SIZE));
    return this.#session.run({ logits: this.#model.logits }, { images }).logits as Float32Array;
  }

  gradients(loss: LossName, images: Float32Array, z: Float32Array): Map<string, Float32Array> {
    const requests = this.#gradientsOf(loss);
    checkLatent("gradients", z, this.batchSize, this.zDim);
    if (loss !== "gLoss") checkImages("gradients", images, this.batchSize);
    const values = this.#session.run(requests, loss === "gLoss" ? { z } : { images, z });
    return new Map(Object.entries(values as Record<string, Float32Array>));
  }

  latent(stream: LatentStream, step: number, count: number): Float32Array {
    if (!Object.hasOwn(LATENT_STREAMS, stream)) {
      throw new ArgumentError(
        `latent: there is no stream "${stream}"; there are ${Object.keys(LATENT_STREAMS).join(", ")}`,
      );
    }
    if (!Number.isInteger(step) || step < 0 || step >= 4294967296) {
      throw new ArgumentError(`latent: step is ${step}; it must be an integer from 0 to 2^32-1`);
    }
    if (!Number.isInteger(count) || count < 1 || count > MOST_AT_ONCE) {
      throw new ArgumentError(`latent: count is ${count}; it must be an integer from 1 to ${MOST_AT_ONCE}`);
    }
    return this.#session.normal(LATENT_STREAMS[stream], step, count * this.zDim);
  }

  state(): GanState {
    return this.#stateOf(this.#session.state());
  }

  stateView(): GanState {
    return this.#stateOf(this.#session.stateView());
  }

  #stateOf({ variables, optimizers }: SessionState): GanState {
    return {
      numericsVersion: NUMERICS_VERSION,
      batchSize: this.batchSize,
      zDim: this.zDim,
      recipe: this.recipe,
      seed: this.seed,
      phase: this.#phase,
      step: this.#step,
      variables,
      optimizers: mapTrainers(this.#model, (_, name) => optimizers[name]!),
    };
  }

  restore(state: GanState): void {
    this.#checkState(state);
    this.#session.restore(state);
    this.#session.seed = state.seed;
    this.#phase = state.phase;
    this.#step = state.step;
  }

  dispose(): void {
    this.#session.dispose();
  }

  /** What the session does not know of: the configuration, and where the run stands. */
  #checkState(state: GanState): void {
    checkIsState(state);
    if (state.numericsVersion !== NUMERICS_VERSION) {
      throw new NumericsError(
        `the state was written with NUMERICS_VERSION ${String(state.numericsVersion)}, this is ${NUMERICS_VERSION}: training would go on with other bits`,
      );
    }
    const own = { batchSize: this.batchSize, zDim: this.zDim, ...this.recipe };
    const given = { batchSize: state.batchSize, zDim: state.zDim, ...state.recipe };
    for (const key of Object.keys(own) as (keyof typeof own)[]) {
      if (own[key] !== given[key])
        throw new MismatchError(`the state has ${key} ${given[key]}, this GAN has ${own[key]}`);
    }
    checkSeed(state.seed);
    if (state.phase !== "pretrain" && state.phase !== "train") {
      throw new ArgumentError(`the state's phase is "${String(state.phase)}"; it must be "pretrain" or "train"`);
    }
    if (!Number.isSafeInteger(state.step) || state.step < 0) {
      throw new ArgumentError(`the state's step is ${state.step}; it must be an integer ≥ 0`);
    }
  }

  #gradientsOf(loss: LossName): Readonly<Record<string, Tensor>> {
    const known = this.#gradients.get(loss);
    if (known !== undefined) return known;
    const { losses, generatorVariables, discriminatorVariables } = this.#model;
    if (!Object.hasOwn(losses, loss)) {
      throw new ArgumentError(`gradients: there is no loss "${loss}"; there are ${Object.keys(losses).join(", ")}`);
    }
    const variables = loss === "gLoss" ? generatorVariables : discriminatorVariables;
    const requests = gradients(losses[loss], variables);
    const named = Object.fromEntries(variables.map(({ name }, i) => [name, requests[i]!]));
    this.#gradients.set(loss, named);
    return named;
  }

  #checkBatch(what: string, images: Float32Array, z: Float32Array): void {
    checkImages(what, images, this.batchSize);
    checkLatent(what, z, this.batchSize, this.zDim);
  }

  #beginTraining(): void {
    if (this.#phase === "train") return;
    this.#phase = "train";
    this.#step = 0;
  }

  /** The losses of a step that ends an iteration. */
  #completed<L extends DiscriminatorLosses | GeneratorLoss>(losses: L): L {
    this.#finite(losses);
    this.#step++;
    return losses;
  }

  #finite<L extends DiscriminatorLosses | GeneratorLoss>(losses: L): L {
    for (const [name, value] of Object.entries(losses)) {
      if (!Number.isFinite(value)) throw new NonFiniteError(this.#step, name, value as number);
    }
    return losses;
  }
}

function variablesOf({ graph }: GanModel, session: Session): GanVariables {
  const shapeOf = (name: string): readonly number[] => {
    const variable = graph.variables.get(name);
    if (variable === undefined) {
      throw new VariableError(
        `variable "${name}" does not exist; the GAN has ${[...graph.variables.keys()].join(" ")}`,
      );
    }
    return variable.shape;
  };
  return {
    names: [...graph.variables.keys()],
    shape: shapeOf,
    get: (name) => session.variables.get(name),
    set: (name, values) => session.variables.set(name, values),
  };
}

function describe({ name, shape }: Variable): VariableDescription {
  return { name, shape };
}

function mapTrainers<T>(
  { trainers }: GanModel,
  map: (trainer: Update, name: TrainerName) => T,
): Record<TrainerName, T> {
  return {
    dTrainerReal: map(trainers.dTrainerReal, "dTrainerReal"),
    dTrainerFake: map(trainers.dTrainerFake, "dTrainerFake"),
    dTrainer: map(trainers.dTrainer, "dTrainer"),
    gTrainer: map(trainers.gTrainer, "gTrainer"),
  };
}
