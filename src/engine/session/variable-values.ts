import { ArgumentError, ShapeError, VariableError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Layout } from "../program/buffer.ts";
import type { Memory } from "../runtime/memory.ts";
import { formatShape, sizeOf } from "../shape.ts";
import { layoutOfVariable } from "./layout.ts";
import type { RandomValues } from "./random-values.ts";
import type { Place, StoredValues } from "./stored-values.ts";

/** A session's variables. When one is first needed, it gets memory, a layout and initial values. */
export class VariableValues {
  readonly #graph: Graph;
  readonly #memory: Memory;
  readonly #random: RandomValues;
  readonly #stored: StoredValues;
  readonly #layouts = new Map<string, Layout>();
  readonly #places = new Map<string, Place>();

  constructor(graph: Graph, memory: Memory, random: RandomValues, stored: StoredValues) {
    this.#graph = graph;
    this.#memory = memory;
    this.#random = random;
    this.#stored = stored;
  }

  /** The variable of this name. @throws VariableError where the graph has none. */
  find(name: string): Variable {
    const variable = this.#graph.variables.get(name);
    if (variable !== undefined) return variable;
    const known = [...this.#graph.variables.keys()].join(", ");
    throw new VariableError(`variable "${String(name)}" does not exist; the graph has ${known || "none"}`);
  }

  /** Its layout, now or later. The graph decides at the first request. Takes no memory. */
  layoutOf(name: string): Layout {
    const layout = this.#layouts.get(name) ?? layoutOfVariable(this.#graph, this.find(name));
    this.#layouts.set(name, layout);
    return layout;
  }

  /** Its place and layout; initializes it the first time. */
  placeOf(name: string): Place {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const { shape, initializer } = this.find(name);
    const place = this.#allocate(name);
    this.#stored.write(place, shape, (address, size) => this.#random.initialize(address, size, name, initializer));
    return place;
  }

  /** A copy of its values. @throws VariableError for an unknown name. */
  get(name: string): Float32Array {
    return this.#stored.read(this.placeOf(name), this.find(name).shape);
  }

  /** Its values as a view of WASM memory; see StoredValues. @throws VariableError for an unknown name. */
  view(name: string): Float32Array {
    return this.#stored.view(this.placeOf(name), this.find(name).shape);
  }

  /**
   * Replaces its values.
   * @throws VariableError for an unknown name, ShapeError for a wrong length, ArgumentError for NaN or an infinity.
   */
  set(name: string, values: ArrayLike<number>): void {
    this.check(name, values);
    const place = this.#places.get(name) ?? this.#allocate(name);
    this.#stored.set(place, this.find(name).shape, values);
  }

  /** Changes nothing. @throws the errors of set. */
  check(name: string, values: ArrayLike<number>): void {
    const { shape } = this.find(name);
    checkValues(`variable ${name} ${formatShape(shape)}`, values, sizeOf(shape));
  }

  #allocate(name: string): Place {
    const address = this.#memory.allocate(sizeOf(this.find(name).shape) * Float32Array.BYTES_PER_ELEMENT);
    const place = { address, layout: this.layoutOf(name) };
    this.#places.set(name, place);
    return place;
  }
}

/** True if it is a Map, or a Map of another realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return Object.prototype.toString.call(value) === "[object Map]";
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
