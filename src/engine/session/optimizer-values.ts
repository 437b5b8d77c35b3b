import { ArgumentError, ShapeError } from "../errors.ts";
import type { Optimizer, ScalarSeries, Slot } from "../graph/update.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Layout } from "../program/buffer.ts";
import type { Memory } from "../runtime/memory.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Place, StoredValues } from "./stored-values.ts";
import { checkValues, isMap } from "./variable-values.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** One optimizer's state. */
export interface OptimizerState {
  /** Updates so far. */
  readonly t: number;
  /**
   * By slot: the values of every variable that it trains, by name. While t is 0 a slot may be empty; all values are
   * then zero.
   */
  readonly slots: Readonly<Record<string, ReadonlyMap<string, Float32Array>>>;
}

/** The layout of a variable. */
type LayoutOf = (variable: string) => Layout;

/** One optimizer in a session. Its slots and scalars lie in WASM memory; this object counts updates. */
export class OptimizerValues {
  readonly #optimizer: Optimizer;
  readonly #memory: Memory;
  readonly #stored: StoredValues;
  readonly #layoutOf: LayoutOf;
  /** By slot and variable. Memory is taken when an update is first compiled or a state restored. */
  readonly #slots: ReadonlyMap<string, Map<string, Place>>;
  /** Addresses by name. */
  readonly #scalars = new Map<string, number>();
  #series: ScalarSeries;
  #t = 0;

  constructor(optimizer: Optimizer, memory: Memory, stored: StoredValues, layoutOf: LayoutOf) {
    this.#optimizer = optimizer;
    this.#memory = memory;
    this.#stored = stored;
    this.#layoutOf = layoutOf;
    this.#slots = new Map(optimizer.slots.map(({ name }) => [name, new Map<string, Place>()]));
    this.#series = optimizer.scalarsAfter(0);
  }

  /** Updates so far. */
  get updates(): number {
    return this.#t;
  }

  /** The byte address of a scalar. */
  scalar(name: string): number {
    const address = this.#scalars.get(name) ?? this.#memory.allocate(FLOAT_BYTES);
    this.#scalars.set(name, address);
    return address;
  }

  /** The place of a variable's slot. It has the variable's layout, and holds zeros the first time. */
  slot(slot: string, { name, shape }: Variable): Place {
    const places = this.#slots.get(slot)!;
    const known = places.get(name);
    if (known !== undefined) return known;
    const bytes = sizeOf(shape) * FLOAT_BYTES;
    const address = this.#memory.allocate(bytes);
    this.#memory.floats.fill(0, address / FLOAT_BYTES, (address + bytes) / FLOAT_BYTES);
    const place = { address, layout: this.#layoutOf(name) };
    places.set(name, place);
    return place;
  }

  /** Counts one update and writes its scalars, rounded to float32. */
  advance(): void {
    this.#t++;
    const values = this.#series();
    this.#optimizer.scalars.forEach((name, i) => {
      this.#memory.floats[this.scalar(name) / FLOAT_BYTES] = values[i]!;
    });
  }

  /** A slot's values for a variable, as a view of WASM memory if they lie there; see StoredValues. */
  view(slot: string, variable: Variable): Float32Array {
    const place = this.#slots.get(slot)!.get(variable.name);
    return place === undefined ? new Float32Array(sizeOf(variable.shape)) : this.#stored.view(place, variable.shape);
  }

  /** Takes over a state that was checked; t = 0 without values is the state before training. */
  restore({ t, slots }: OptimizerState, variables: readonly Variable[]): void {
    this.#t = t;
    this.#series = this.#optimizer.scalarsAfter(t);
    for (const { name } of this.#optimizer.slots) {
      for (const variable of variables) this.#restoreSlot(name, variable, slots[name]?.get(variable.name));
    }
  }

  #restoreSlot(slot: string, variable: Variable, values: Float32Array | undefined): void {
    if (values === undefined && !this.#slots.get(slot)!.has(variable.name)) return;
    const place = this.slot(slot, variable);
    this.#stored.set(place, variable.shape, values ?? new Float32Array(sizeOf(variable.shape)));
  }
}

/**
 * Checks that an optimizer can take over a state of these variables.
 * @throws ArgumentError for a bad t, a slot it does not have, a value that is not finite or below the slot's least;
 *   ShapeError for missing values or a wrong length.
 */
export function checkOptimizerState(
  name: string,
  { slots }: Optimizer,
  variables: readonly Variable[],
  state: OptimizerState | undefined,
): void {
  const what = `optimizer ${name}`;
  const { t, slots: given } = state ?? { t: undefined, slots: undefined };
  if (!Number.isSafeInteger(t) || t! < 0) throw new ArgumentError(`${what}: t is ${String(t)}, not an integer ≥ 0`);
  if (typeof given !== "object" || given === null) {
    throw new ArgumentError(`${what}: slots is ${String(given)}, not an object of Maps`);
  }
  for (const slot of Object.keys(given)) checkSlotExists(what, slot, slots);
  const entries = slots.map((slot) => [slot, valuesOf(what, slot, given, t === 0)] as const);
  if (t === 0 && entries.every(([, values]) => values.size === 0)) return;
  for (const [slot, values] of entries) checkSlot(`${what}: ${slot.name}`, slot, values, variables);
}

function checkSlotExists(what: string, name: string, slots: readonly Slot[]): void {
  if (slots.some((slot) => slot.name === name)) return;
  const known = slots.map((slot) => slot.name).join(", ") || "none";
  throw new ArgumentError(`${what}: it has no slot ${JSON.stringify(name)}; it has ${known}`);
}

/** A slot's values in a state; before training they may be left out. */
function valuesOf(
  what: string,
  { name }: Slot,
  given: OptimizerState["slots"],
  optional: boolean,
): ReadonlyMap<string, Float32Array> {
  const values: unknown = given[name];
  if (values === undefined && optional) return new Map();
  if (isMap(values)) return values as ReadonlyMap<string, Float32Array>;
  throw new ArgumentError(`${what}: ${name} is not a Map of Float32Array`);
}

function checkSlot(
  what: string,
  { least }: Slot,
  values: ReadonlyMap<string, Float32Array>,
  variables: readonly Variable[],
): void {
  if (values.size !== variables.length) {
    throw new ShapeError(`${what} has ${values.size} entries for ${variables.length} variables`);
  }
  for (const { name, shape } of variables) {
    const found = values.get(name) ?? [];
    checkValues(`${what} of ${name} ${formatShape(shape)}`, found, sizeOf(shape));
    if (least !== undefined) checkLeast(`${what} of ${name}`, found, least);
  }
}

function checkLeast(what: string, values: ArrayLike<number>, least: number): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < least) throw new ArgumentError(`${what}: value ${i} is ${values[i]}, below ${least}`);
  }
}
