/**
 * A checkpoint's metadata: texts by name, every number in its shortest decimal form.
 *
 *   format             wasm-gan/2
 *   numericsVersion    the version of the bits (src/engine/numerics-version.ts)
 *   seed phase step    where the run stands; `step` counts the completed steps of `phase`
 *   t/<trainer>        updates each of the four optimizers has applied
 *   batch zDim         the numeric configuration …
 *   recipe/<number>    … with the recipe's five numbers …
 *   data data/sha256   … and the data set: its name and the SHA-256 of its content, or for drawn digits of another seed
 *                      than 7 the SHA-256 of what they are drawn from (src/data/digits/identity.ts)
 */
import { FormatError } from "../../engine/errors.ts";
import type { GanState, Phase, Recipe, TrainerName } from "../types.ts";

/** The format's name and version. Format 1 named tensors after Adam: "adam/<trainer>/m/<variable>". */
export const CHECKPOINT_FORMAT = "wasm-gan/2";

/** The four trainers, in the order of src/gan/model.ts. */
export const TRAINERS: readonly TrainerName[] = ["dTrainerReal", "dTrainerFake", "dTrainer", "gTrainer"];

/**
 * A data set by name and by 64 hex digits that no other has: as a rule the SHA-256 of its content (`dataSetDigest`).
 */
export interface DataIdentity {
  readonly name: string;
  readonly sha256: string;
}

/** What a checkpoint says about itself, beside its tensors. */
export interface CheckpointMetadata {
  readonly numericsVersion: number;
  readonly batchSize: number;
  readonly zDim: number;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly phase: Phase;
  /** Steps completed in this phase. */
  readonly step: number;
  /** Updates each trainer has applied. */
  readonly t: Readonly<Record<TrainerName, number>>;
  readonly data: DataIdentity;
}

/** The metadata of a state as texts. */
export function writeMetadata(state: GanState, data: DataIdentity): Map<string, string> {
  const { recipe } = state;
  const values: [string, string | number | boolean][] = [
    ["format", CHECKPOINT_FORMAT],
    ["numericsVersion", state.numericsVersion],
    ["seed", state.seed],
    ["phase", state.phase],
    ["step", state.step],
    ...TRAINERS.map((trainer): [string, number] => [`t/${trainer}`, state.optimizers[trainer].t]),
    ["batch", state.batchSize],
    ["zDim", state.zDim],
    ["recipe/pretrain", recipe.pretrain],
    ["recipe/discriminatorRate", recipe.discriminatorRate],
    ["recipe/generatorRate", recipe.generatorRate],
    ["recipe/beta1", recipe.beta1],
    ["recipe/trainBeta", recipe.trainBeta],
    ["data", data.name],
    ["data/sha256", data.sha256],
  ];
  return new Map(values.map(([key, value]) => [key, String(value)]));
}

/**
 * Reads the metadata back; every entry must be there, in its range, and no other.
 * @throws FormatError naming the entry, what it holds and the rule
 */
export function readMetadata(texts: ReadonlyMap<string, string>): CheckpointMetadata {
  const entries = new Entries(texts);
  entries.text("format", `${CHECKPOINT_FORMAT}, the one this version reads`, (text) => text === CHECKPOINT_FORMAT);
  const metadata: CheckpointMetadata = {
    numericsVersion: entries.integer("numericsVersion", 1),
    seed: entries.integer("seed", 0),
    phase: entries.text("phase", "pretrain or train", (text) => text === "pretrain" || text === "train") as Phase,
    step: entries.integer("step", 0),
    t: Object.fromEntries(
      TRAINERS.map((trainer) => [trainer, entries.integer(`t/${trainer}`, 0)]),
    ) as CheckpointMetadata["t"],
    batchSize: entries.integer("batch", 1, 512),
    zDim: entries.integer("zDim", 4, 1024),
    recipe: {
      pretrain: entries.integer("recipe/pretrain", 0),
      discriminatorRate: entries.number("recipe/discriminatorRate", "above 0", (rate) => rate > 0),
      generatorRate: entries.number("recipe/generatorRate", "above 0", (rate) => rate > 0),
      beta1: entries.number("recipe/beta1", "in [0, 1)", (beta) => beta >= 0 && beta < 1),
      trainBeta: entries.text("recipe/trainBeta", "true or false", (text) => /^(true|false)$/.test(text)) === "true",
    },
    data: {
      name: entries.text("data", "a name", (text) => text !== ""),
      sha256: entries.text("data/sha256", "64 hex digits", (text) => /^[0-9a-f]{64}$/.test(text)),
    },
  };
  entries.end();
  return metadata;
}

/** Texts by name, each of which is to be read once. */
class Entries {
  readonly #rest: Map<string, string>;

  constructor(texts: ReadonlyMap<string, string>) {
    this.#rest = new Map(texts);
  }

  text(key: string, rule: string, holds: (text: string) => boolean): string {
    const text = this.#rest.get(key);
    if (text === undefined) throw new FormatError(`the checkpoint's metadata has no ${key}`);
    this.#rest.delete(key);
    if (holds(text)) return text;
    throw new FormatError(`the checkpoint's ${key} is ${JSON.stringify(text.slice(0, 80))}; it must be ${rule}`);
  }

  /** Only the form that String gives is read: a number has one spelling. */
  number(key: string, rule: string, holds: (value: number) => boolean): number {
    const isValid = (text: string): boolean => String(Number(text)) === text && holds(Number(text));
    return Number(this.text(key, `a number ${rule}`, isValid));
  }

  integer(key: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
    const isValid = (value: number): boolean => Number.isSafeInteger(value) && value >= min && value <= max;
    return this.number(key, `that is an integer from ${min} to ${max}`, isValid);
  }

  end(): void {
    for (const key of this.#rest.keys()) {
      throw new FormatError(`the checkpoint's metadata has ${JSON.stringify(key.slice(0, 80))}, which is unknown`);
    }
  }
}
