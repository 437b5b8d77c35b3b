import { ArgumentError, MismatchError, NonFiniteError, NumericsError, VariableError } from "../engine/errors.ts";
import { gradients } from "../engine/graph/gradients.ts";
import type { Tensor, Variable } from "../engine/graph/tensor.ts";
import { NUMERICS_VERSION } from "../engine/numerics-version.ts";
import { checkSeed } from "../engine/random/philox.ts";
import { checkKind, integer, namesOf } from "../engine/value-kinds.ts";
import { STREAMS } from "../engine/random/streams.ts";
import { compile } from "../engine/session/compile.ts";
import type { Session } from "../engine/session/session.ts";
import { checkIsState, type SessionState } from "../engine/session/state.ts";
import { checkImages, checkLatent, countOf, MOST_AT_ONCE } from "./batch-checks.ts";
import { configurationOf, firstDifference, KEPT_SETTINGS, PHASES, STEPS } from "./configuration.ts";
import { IMAGE_PIXELS } from "./image-size.ts";
import { ganModel, type GanModel } from "./model.ts";
import type { Recipe } from "./recipes.ts";
import { byTrainer } from "./trainers.ts";
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
  TrainerDescription,
  TrainerName,
  VariableDescription,
} from "./types.ts";

const LATENT_STREAMS: Readonly<Record<LatentStream, number>> = {
  pretrain: STREAMS.pretrainLatent,
  discriminator: STREAMS.discriminatorLatent,
  generator: STREAMS.generatorLatent,
  sample: STREAMS.sampleLatent,
  grid: STREAMS.gridLatent,
};

/** A counter word of Philox. */
const LATENT_STEPS = integer(0, 0xffff_ffff);
const LATENT_COUNTS = integer(1, MOST_AT_ONCE);

/**
 * The tutorial's GAN, ready to train: loads the kernels and builds the graph. Memory and programs come with the first
 * step of each kind.
 * @throws ArgumentError for an option outside its range, UnsupportedError where WebAssembly SIMD is missing.
 */
export async function createGan(options: GanOptions = {}): Promise<Gan> {
  const { batchSize, zDim, seed, threads, recipe, source } = configurationOf(options);
  const model = ganModel(zDim, recipe);
  const session = await compile(model.graph, { seed, threads, ...source });
  return new TutorialGan(model, session, batchSize, zDim, recipe);
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
    this.trainers = byTrainer((trainer) => {
      const { optimizer, variables } = model.trainers[trainer];
      return {
        slots: optimizer.slots.map(({ name }) => name),
        variables: variables.map(describe),
      };
    });
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
    return this.#completed({ dLossReal: scalar(results.dLossReal), dLossFake: scalar(results.dLossFake) });
  }

  discriminatorStep(images: Float32Array, z: Float32Array): DiscriminatorLosses {
    this.#checkBatch("discriminatorStep", images, z);
    this.#beginTraining();
    const { losses, trainers } = this.#model;
    const { dLossReal, dLossFake } = losses;
    const results = this.#session.run({ dLossReal, dLossFake, update: trainers.dTrainer }, { images, z });
    return this.#finite({ dLossReal: scalar(results.dLossReal), dLossFake: scalar(results.dLossFake) });
  }

  generatorStep(z: Float32Array): GeneratorLoss {
    checkLatent("generatorStep", z, this.batchSize, this.zDim);
    this.#beginTraining();
    const { losses, trainers } = this.#model;
    const results = this.#session.run({ gLoss: losses.gLoss, update: trainers.gTrainer }, { z });
    return this.#completed({ gLoss: scalar(results.gLoss) });
  }

  generate(z: Float32Array): Float32Array {
    checkLatent("generate", z, countOf("generate: z", z, this.zDim), this.zDim);
    return elements(this.#session.run({ samples: this.#model.samples }, { sampleZ: z }).samples);
  }

  estimate(images: Float32Array): Float32Array {
    checkImages("estimate", images, countOf("estimate: images", images, IMAGE_PIXELS));
    return elements(this.#session.run({ logits: this.#model.logits }, { images }).logits);
  }

  gradients(loss: LossName, images: Float32Array, z: Float32Array): Map<string, Float32Array> {
    const requests = this.#gradientsOf(loss);
    checkLatent("gradients", z, this.batchSize, this.zDim);
    if (loss !== "gLoss") checkImages("gradients", images, this.batchSize);
    const values = this.#session.run(requests, loss === "gLoss" ? { z } : { images, z });
    return new Map(Object.entries(values).map(([name, gradient]) => [name, elements(gradient)]));
  }

  latent(stream: LatentStream, step: number, count: number): Float32Array {
    if (!Object.hasOwn(LATENT_STREAMS, stream)) {
      throw new ArgumentError(
        `latent: there is no stream "${stream}"; there are ${Object.keys(LATENT_STREAMS).join(", ")}`,
      );
    }
    checkKind("latent: step", LATENT_STEPS, step);
    checkKind("latent: count", LATENT_COUNTS, count);
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
      optimizers: byTrainer((name) => optimizers[name]!),
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

  /** The parts of a state outside the session: the configuration, and the position of the run. */
  #checkState(state: GanState): void {
    checkIsState(state);
    if (state.numericsVersion !== NUMERICS_VERSION) {
      throw new NumericsError(
        `the state was written with NUMERICS_VERSION ${String(state.numericsVersion)}, ` +
          `this is ${NUMERICS_VERSION}: training would go on with other bits`,
      );
    }
    const own = { batchSize: this.batchSize, zDim: this.zDim, ...this.recipe };
    const given = { batchSize: state.batchSize, zDim: state.zDim, ...state.recipe };
    const name = firstDifference(KEPT_SETTINGS, given, own);
    if (name !== undefined) {
      throw new MismatchError(`the state has ${name} ${given[name]}, this GAN has ${own[name]}`);
    }
    checkSeed(state.seed);
    if (!PHASES.includes(state.phase)) {
      throw new ArgumentError(`the state's phase is "${String(state.phase)}"; it must be ${PHASES.rule}`);
    }
    checkKind("the state's step", STEPS, state.step);
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

  /** Counts a step that ends an iteration. Returns its losses. */
  #completed<L extends Losses<L>>(losses: L): L {
    this.#finite(losses);
    this.#step++;
    return losses;
  }

  #finite<L extends Losses<L>>(losses: L): L {
    for (const name of namesOf(losses)) {
      if (!Number.isFinite(losses[name])) throw new NonFiniteError(this.#step, name, losses[name]);
    }
    return losses;
  }
}

/** One loss for each name. */
type Losses<L> = { readonly [K in keyof L]: number };

/** The value of a fetched scalar. */
function scalar(fetched: number | Float32Array): number {
  return typeof fetched === "number" ? fetched : fetched[0]!;
}

/** The value of a fetched tensor with axes. */
function elements(fetched: number | Float32Array): Float32Array {
  return typeof fetched === "number" ? Float32Array.of(fetched) : fetched;
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
