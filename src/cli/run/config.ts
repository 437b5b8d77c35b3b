import { readFileSync } from "node:fs";
import { isSha256 } from "../../engine/sha256.ts";
import type { ValueKind } from "../../engine/value-kinds.ts";
import { readSettings, RECIPE_SETTINGS } from "../../gan/configuration.ts";
import { RECIPE_NAMES } from "../../gan/recipes.ts";
import type { DataIdentity } from "../../gan/train/checkpoint.ts";
import { writeFileAtomically } from "../files/atomic-file.ts";
import { hasCode } from "../files/system-error.ts";
import { damagedError } from "../terminal/exit-codes.ts";
import { CHANGEABLE_SETTINGS, FIXED_SETTINGS, type RunSettings } from "./settings.ts";

const FORMAT = "wasm-gan-run/1";

/** The content of a run's config.json: the run's settings, and its data. */
export interface RunConfig {
  readonly settings: RunSettings;
  readonly identity: DataIdentity;
}

/** Writes a run's config.json. */
export async function writeRunConfig(path: string, { settings, identity }: RunConfig): Promise<void> {
  const { data, ...rest } = settings;
  const content = { format: FORMAT, data: { source: data, ...identity }, ...rest };
  await writeFileAtomically(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** Reads a run's config.json. @throws CommandError where it is missing, damaged, or has a value outside its range */
export function readRunConfig(path: string): RunConfig {
  const root = new Fields(path, "", readJson(path));
  root.text("format", (text) => text === FORMAT);
  const data = root.fields("data");
  const recipe = root.fields("recipe");
  return {
    identity: { name: data.text("name"), sha256: data.text("sha256", isSha256) },
    settings: {
      data: data.text("source"),
      ...readSettings(FIXED_SETTINGS, (name, kind) => root.value(name, kind)),
      recipe: {
        name: recipe.value("name", RECIPE_NAMES),
        ...readSettings(RECIPE_SETTINGS, (name, kind) => recipe.value(name, kind)),
      },
      ...readSettings(CHANGEABLE_SETTINGS, (name, kind) => root.value(name, kind)),
    },
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedError(`${path} is damaged: it is not JSON`);
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) throw damagedError(`${path} is missing: this is no run`);
    throw error;
  }
}

/** The fields of a JSON object, each read with its type and range. */
class Fields {
  readonly #path: string;
  readonly #prefix: string;
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(path: string, prefix: string, value: unknown) {
    if (typeof value !== "object" || value === null) throw damagedError(`${path}: ${prefix || "it"} is no JSON object`);
    this.#path = path;
    this.#prefix = prefix;
    this.#values = new Map(Object.entries(value));
  }

  fields(name: string): Fields {
    return new Fields(this.#path, `${this.#prefix}${name}.`, this.#values.get(name));
  }

  text(name: string, holds: (text: string) => boolean = (text) => text !== ""): string {
    return this.#read(name, (value): value is string => typeof value === "string" && holds(value));
  }

  value<T>(name: string, kind: ValueKind<T>): T {
    return this.#read(name, (value) => kind.includes(value));
  }

  #read<T>(name: string, holds: (value: unknown) => value is T): T {
    const value = this.#values.get(name);
    if (holds(value)) return value;
    const found = value === undefined ? "missing" : `${JSON.stringify(value).slice(0, 80)}, which it cannot be`;
    throw damagedError(`${this.#path}: ${this.#prefix}${name} is ${found}`);
  }
}
