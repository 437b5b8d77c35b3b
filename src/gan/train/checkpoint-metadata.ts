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
import { isSha256 } from "../../engine/sha256.ts";
import { integer, namesOf, type ValueKind } from "../../engine/value-kinds.ts";
import { GAN_SETTINGS, PHASES, readSettings, RECIPE_SETTINGS, STEPS } from "../configuration.ts";
import type { Recipe } from "../recipes.ts";
import { byTrainer, TRAINERS } from "../trainers.ts";
import type { GanState, Phase, TrainerName } from "../types.ts";

/** The format's name and version. Format 1 named tensors after Adam: "adam/<trainer>/m/<variable>". */
export const CHECKPOINT_FORMAT = "wasm-gan/2";

/**
 * A data set by name and by 64 hex digits that no other has: as a rule the SHA-256 of its content (`dataSetDigest`).
 */
export interface DataIdentity {
  readonly name: string;
  readonly sha256: string;
}

/** The content of a checkpoint's metadata. */
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
  const values: (readonly [string, string | number | boolean])[] = [
    ["format", CHECKPOINT_FORMAT],
    ["numericsVersion", state.numericsVersion],
    ["seed", state.seed],
    ["phase", state.phase],
    ["step", state.step],
    ...TRAINERS.map((trainer) => [`t/${trainer}`, state.optimizers[trainer].t] as const),
    ["batch", state.batchSize],
    ["zDim", state.zDim],
    ...namesOf(RECIPE_SETTINGS).map((name) => [`recipe/${name}`, state.recipe[name]] as const),
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
    numericsVersion: entries.value("numericsVersion", integer(1)),
    seed: entries.value("seed", GAN_SETTINGS.seed.kind),
    phase: entries.value("phase", PHASES),
    step: entries.value("step", STEPS),
    t: byTrainer((trainer) => entries.value(`t/${trainer}`, STEPS)),
    batchSize: entries.value("batch", GAN_SETTINGS.batchSize.kind),
    zDim: entries.value("zDim", GAN_SETTINGS.zDim.kind),
    recipe: readSettings(RECIPE_SETTINGS, (name, kind) => entries.value(`recipe/${name}`, kind)),
    data: {
      name: entries.text("data", "a name", (text) => text !== ""),
      sha256: entries.text("data/sha256", "64 hex digits", isSha256),
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
    const text = this.#take(key);
    return holds(text) ? text : this.#refuse(key, text, rule);
  }

  /** Only the form that String gives is read: a number has one spelling. */
  value<T>(key: string, kind: ValueKind<T>): T {
    const text = this.#take(key);
    const value = kind.parse(text);
    return value !== undefined && String(value) === text ? value : this.#refuse(key, text, kind.rule);
  }

  #take(key: string): string {
    const text = this.#rest.get(key);
    if (text === undefined) throw new FormatError(`the checkpoint's metadata has no ${key}`);
    this.#rest.delete(key);
    return text;
  }

  #refuse(key: string, text: string, rule: string): never {
    throw new FormatError(`the checkpoint's ${key} is ${JSON.stringify(text.slice(0, 80))}; it must be ${rule}`);
  }

  end(): void {
    for (const key of this.#rest.keys()) {
      throw new FormatError(`the checkpoint's metadata has ${JSON.stringify(key.slice(0, 80))}, which is unknown`);
    }
  }
}
