import { ArgumentError, ShapeError } from "../errors.ts";
import type { Optimizer } from "../graph/update.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Memory } from "../runtime/memory.ts";
import { formatShape, sizeOf } from "../shape.ts";
import { checkValues, isMap, readFloats } from "./variable-values.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A copy of one Adam's state: updates so far, and both moments by variable name. */
export interface OptimizerState {
  readonly t: number;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
}

/** Byte addresses of a variable's moments. */
interface Moments {
  readonly m: number;
  readonly v: number;
  readonly size: number;
}

/**
 * One Adam's state in a session: moments in WASM memory, t and the powers of β₁ and β₂ here. The powers are float64
 * products by repeated multiplication, so that they are the same on every engine.
 */
export class AdamSlots {
  readonly #optimizer: Optimizer;
  readonly #memory: Memory;
  readonly #moments = new Map<string, Moments>();
  readonly #rate: number;
  #t = 0;
  #beta1Power = 1;
  #beta2Power = 1;

  constructor(optimizer: Optimizer, memory: Memory) {
    this.#optimizer = optimizer;
    this.#memory = memory;
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
    const size = sizeOf(shape);
    const moments = {
      m: this.#memory.allocate(size * FLOAT_BYTES),
      v: this.#memory.allocate(size * FLOAT_BYTES),
      size,
    };
    for (const address of [moments.m, moments.v]) this.#fill(address, size);
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
          return [name, readFloats(this.#memory, moments[which], moments.size)];
        }),
      );
    return { t: this.#t, m: copies("m"), v: copies("v") };
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
    this.#fill(moments.m, moments.size, m.get(variable.name));
    this.#fill(moments.v, moments.size, v.get(variable.name));
  }

  #fill(address: number, size: number, values?: Float32Array): void {
    const start = address / FLOAT_BYTES;
    if (values === undefined) this.#memory.floats.fill(0, start, start + size);
    else this.#memory.floats.set(values, start);
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
