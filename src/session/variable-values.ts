import { ArgumentError, ShapeError, VariableError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Memory } from "../runtime/memory.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { RandomValues } from "./random-values.ts";

/** A session's variables: memory is taken and initial values are drawn when one is first needed. */
export class VariableValues {
  readonly #graph: Graph;
  readonly #memory: Memory;
  readonly #random: RandomValues;
  readonly #addresses = new Map<string, number>();

  constructor(graph: Graph, memory: Memory, random: RandomValues) {
    this.#graph = graph;
    this.#memory = memory;
    this.#random = random;
  }

  /** The variable of this name. @throws VariableError where the graph has none. */
  find(name: string): Variable {
    const variable = this.#graph.variables.get(name);
    if (variable !== undefined) return variable;
    const known = [...this.#graph.variables.keys()].join(", ");
    throw new VariableError(`variable "${String(name)}" does not exist; the graph has ${known || "none"}`);
  }

  /** Its byte address; initializes it the first time. */
  addressOf(name: string): number {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const { shape, initializer } = this.find(name);
    const address = this.#allocate(name, sizeOf(shape));
    this.#random.initialize(address, sizeOf(shape), name, initializer);
    return address;
  }

  /** A copy of its values. @throws VariableError for an unknown name. */
  get(name: string): Float32Array {
    const size = sizeOf(this.find(name).shape);
    return readFloats(this.#memory, this.addressOf(name), size);
  }

  /**
   * Replaces its values.
   * @throws VariableError for an unknown name, ShapeError for a wrong length, ArgumentError for NaN or an infinity.
   */
  set(name: string, values: ArrayLike<number>): void {
    this.check(name, values);
    const { shape } = this.find(name);
    const address = this.#addresses.get(name) ?? this.#allocate(name, sizeOf(shape));
    this.#memory.floats.set(values, address / Float32Array.BYTES_PER_ELEMENT);
  }

  /** @throws what set throws; changes nothing. */
  check(name: string, values: ArrayLike<number>): void {
    const { shape } = this.find(name);
    checkValues(`variable ${name} ${formatShape(shape)}`, values, sizeOf(shape));
  }

  #allocate(name: string, size: number): number {
    const address = this.#memory.allocate(size * Float32Array.BYTES_PER_ELEMENT);
    this.#addresses.set(name, address);
    return address;
  }
}

/** Whether it is a Map, one of another realm as well. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return Object.prototype.toString.call(value) === "[object Map]";
}

/** A copy of `size` floats at a byte address. */
export function readFloats(memory: Memory, address: number, size: number): Float32Array {
  const start = address / Float32Array.BYTES_PER_ELEMENT;
  return memory.floats.slice(start, start + size);
}

/** @throws ShapeError for a wrong length, ArgumentError for NaN or an infinity (in float32). */
export function checkValues(what: string, values: ArrayLike<number>, size: number): void {
  if (values?.length !== size) {
    throw new ShapeError(`${what}: ${values?.length ?? "no"} values were given, ${size} are needed`);
  }
  for (let i = 0; i < size; i++) {
    const value: unknown = values[i];
    if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) {
      throw new ArgumentError(`${what}: value ${i} is ${String(value)}, which is no finite float32`);
    }
  }
}
