import type { Place } from "../compile/lower.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import type { Optimizer } from "../graph/update.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Memory } from "../runtime/memory.ts";
import { formatShape, sizeOf, type Shape } from "../shape.ts";
import type { StoredValues } from "./stored-values.ts";
import { checkValues, isMap } from "./variable-values.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A copy of one Adam's state: updates so far, and both moments by variable name. */
export interface OptimizerState {
  readonly t: number;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
}

/** A variable's moments; they lie as it does. */
interface Moments {
  readonly m: Place;
  readonly v: Place;
  readonly shape: Shape;
}

/** Where a variable lies, and how. */
type PlaceOf = (variable: string) => Place;

/**
 * One Adam's state in a session: moments in WASM memory, t and the powers of β₁ and β₂ here. The powers are float64
 * products by repeated multiplication, so that they are the same on every engine.
 */
export class AdamSlots {
  readonly #optimizer: Optimizer;
  readonly #memory: Memory;
  readonly #stored: StoredValues;
  readonly #placeOf: PlaceOf;
  readonly #moments = new Map<string, Moments>();
  readonly #rate: number;
  #t = 0;
  #beta1Power = 1;
  #beta2Power = 1;

  constructor(optimizer: Optimizer, memory: Memory, stored: StoredValues, placeOf: PlaceOf) {
    this.#optimizer = optimizer;
    this.#memory = memory;
    this.#stored = stored;
    this.#placeOf = placeOf;
    this.#rate = memory.allocate(FLOAT_BYTES);
  }

  /** Byte address of this update's learning rate. */
  get rate(): number {
    return this.#rate;
  }

  /** A variable's moments; zeros the first time. */
  momentsOf({ name, shape }: Variable): Moments {
    const known = this.#moments.get(name);
    if (known !== undefined) return known;
    const { layout } = this.#placeOf(name);
    const zeros = (): Place => {
      const bytes = sizeOf(shape) * FLOAT_BYTES;
      const address = this.#memory.allocate(bytes);
      this.#memory.floats.fill(0, address / FLOAT_BYTES, (address + bytes) / FLOAT_BYTES);
      return { address, layout };
    };
    const moments = { m: zeros(), v: zeros(), shape };
    this.#moments.set(name, moments);
    return moments;
  }

  /** Counts one update and writes its learning rate lr·√(1−β₂ᵗ)/(1−β₁ᵗ), rounded to float32. */
  advance(): void {
    const { learningRate, beta1, beta2 } = this.#optimizer;
    this.#t++;
    this.#beta1Power *= beta1;
    this.#beta2Power *= beta2;
    const rate = (learningRate * Math.sqrt(1 - this.#beta2Power)) / (1 - this.#beta1Power);
    this.#memory.floats[this.#rate / FLOAT_BYTES] = rate;
  }

  /** A copy, with the moments of these variables; they are there once a training step was compiled. */
  state(variables: readonly Variable[]): OptimizerState {
    const names = variables.map(({ name }) => name).filter((name) => this.#moments.has(name));
    const copies = (which: "m" | "v"): Map<string, Float32Array> =>
      new Map(
        names.map((name) => {
          const moments = this.#moments.get(name)!;
          return [name, this.#stored.read(moments[which], moments.shape)];
        }),
      );
    return { t: this.#t, m: copies("m"), v: copies("v") };
  }

  /** Updates so far. */
  get updates(): number {
    return this.#t;
  }

  /** One moment of a variable in WASM memory itself; see StoredValues. */
  view(which: "m" | "v", variable: Variable): Float32Array {
    return this.#stored.view(this.momentsOf(variable)[which], variable.shape);
  }

  /**
   * Takes over a state of the same variables; t = 0 without moments is the state before training.
   * @throws ArgumentError for a bad t, a moment that is not finite or a negative v, ShapeError for missing moments or a
   *   wrong length.
   */
  restore(state: OptimizerState, variables: readonly Variable[]): void {
    this.check(state, variables);
    this.#t = state.t;
    this.#beta1Power = repeatedProduct(this.#optimizer.beta1, state.t);
    this.#beta2Power = repeatedProduct(this.#optimizer.beta2, state.t);
    for (const variable of variables) this.#restoreMoments(variable, state);
  }

  /** @throws what restore throws; changes nothing. */
  check(state: OptimizerState, variables: readonly Variable[]): void {
    const { t, m, v } = state ?? {};
    const what = `optimizer ${this.#optimizer.name}`;
    if (!Number.isSafeInteger(t) || t < 0) throw new ArgumentError(`${what}: t is ${String(t)}, not an integer ≥ 0`);
    if (!isMap(m) || !isMap(v)) throw new ArgumentError(`${what}: m and v are not both a Map of Float32Array`);
    if (t === 0 && m.size === 0 && v.size === 0) return;
    checkMoments(`${what}: m`, m, variables);
    checkMoments(`${what}: v`, v, variables);
    for (const [variable, values] of v) checkNotNegative(`${what}: v of ${variable}`, values);
  }

  #restoreMoments(variable: Variable, { m, v }: OptimizerState): void {
    if (m.size === 0 && !this.#moments.has(variable.name)) return;
    const moments = this.momentsOf(variable);
    const zeros = new Float32Array(m.size === 0 ? sizeOf(variable.shape) : 0);
    this.#stored.set(moments.m, variable.shape, m.get(variable.name) ?? zeros);
    this.#stored.set(moments.v, variable.shape, v.get(variable.name) ?? zeros);
  }
}

function checkMoments(what: string, moments: OptimizerState["m"], variables: readonly Variable[]): void {
  if (moments.size !== variables.length) {
    throw new ShapeError(`${what} has ${moments.size} entries for ${variables.length} variables`);
  }
  for (const { name, shape } of variables) {
    checkValues(`${what} of ${name} ${formatShape(shape)}`, moments.get(name) ?? [], sizeOf(shape));
  }
}

function checkNotNegative(what: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < 0) throw new ArgumentError(`${what}: value ${i} is ${values[i]}, below 0`);
  }
}

/** factorᵗ, multiplied one by one; once a product stays what it was (0, or the last subnormals) so do all after it. */
function repeatedProduct(factor: number, times: number): number {
  let product = 1;
  for (let i = 0; i < times; i++) {
    const next = product * factor;
    if (next === product) break;
    product = next;
  }
  return product;
}
