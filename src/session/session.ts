import { compileProgram } from "../compile/compile-program.ts";
import type { Program } from "../compile/core/program.ts";
import type { AdamStep } from "../compile/lower.ts";
import type { RewriteSwitches } from "../compile/rewrites/index.ts";
import { ArgumentError, DisposedError, GraphError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { Tensor } from "../graph/tensor.ts";
import { Update, type Optimizer } from "../graph/update.ts";
import type { Kernels, KernelInstance } from "../runtime/kernels.ts";
import { Memory } from "../runtime/memory.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { AdamSlots, type OptimizerState } from "./adam-slots.ts";
import { feedShapesOf, type Feeds } from "./feeds.ts";
import { RandomValues } from "./random-values.ts";
import { readFloats, VariableValues } from "./variable-values.ts";

/** Programs kept for another run of the same fetches and shapes; the one not used for longest goes first. */
const MOST_PROGRAMS = 16;

/** What can be fetched: a tensor's value, or a training step's effect. */
export type Fetch = Tensor | Update;

/** A fetch's value: a scalar tensor's number, another tensor's elements row-major (a copy), nothing for an update. */
export type Fetched<F extends Fetch> = F extends Update ? undefined : number | Float32Array;

/** One run's values, in the form in which the fetches were asked for. */
export type FetchedAll<F extends Readonly<Record<string, Fetch>>> = { [K in keyof F]: Fetched<F[K]> };

/** A session's variables by name; values are copies, row-major. */
export interface SessionVariables {
  /** @throws VariableError for an unknown name. */
  get(name: string): Float32Array;
  /** @throws VariableError for an unknown name, ShapeError for a wrong length, ArgumentError for NaN or an infinity. */
  set(name: string, values: ArrayLike<number>): void;
}

/** Settings of a session. */
export interface SessionOptions {
  /** Seed of the variables' initial values, an integer from 0 to 2⁵³−1. */
  readonly seed: number;
  readonly rewrites: RewriteSwitches;
}

/**
 * Runs a graph: holds its variables and optimizers in one WASM memory, compiles a program for each set of fetches and
 * feed shapes it meets, and runs it. Make one with `compile`.
 */
export class Session {
  readonly graph: Graph;
  readonly #memory: Memory;
  readonly #variables: VariableValues;
  readonly #random: RandomValues;
  readonly #rewrites: RewriteSwitches;
  readonly #slots = new Map<Optimizer, AdamSlots>();
  readonly #programs = new Map<string, Program>();
  #kernels: Kernels | undefined;

  constructor(graph: Graph, { kernels, memory }: KernelInstance, { seed, rewrites }: SessionOptions) {
    this.graph = graph;
    this.#kernels = kernels;
    this.#memory = new Memory(memory);
    this.#random = new RandomValues(kernels, seed);
    this.#variables = new VariableValues(graph, this.#memory, this.#random);
    this.#rewrites = rewrites;
  }

  /** WASM bytes planned so far. Grows when a program is first compiled, never by running it again. */
  get memoryBytes(): number {
    return this.#memory.plannedBytes;
  }

  /** The seed of everything random; a new one moves what is drawn from now on. */
  get seed(): number {
    return this.#random.seed;
  }

  set seed(seed: number) {
    this.#random.seed = seed;
  }

  /** The variables' values by name. */
  get variables(): SessionVariables {
    this.#running();
    return this.#variables;
  }

  /**
   * Computes the fetches from the feeds. Every read of a variable sees its value from before the run; updates apply
   * afterwards, in the order of the fetches.
   * @throws GraphError for a missing or unknown feed, a foreign fetch, or one optimizer fetched twice; ShapeError for
   *   lengths and shapes that do not fit; DisposedError after dispose.
   */
  run<const F extends Readonly<Record<string, Fetch>>>(fetches: F, feeds: Feeds = {}): FetchedAll<F> {
    const kernels = this.#running();
    const entries = Object.entries(fetches);
    const updates = entries.map(([, fetch]) => fetch).filter((fetch) => fetch instanceof Update);
    const program = this.#programFor(
      entries.map(([, fetch]) => fetch),
      updates,
      feedShapesOf(this.graph, feeds),
    );
    for (const [name, buffer] of program.feeds) this.#write(buffer.addressIn(this.#memory.arenaBase), feeds[name]!);
    for (const { optimizer } of updates) this.#slotsOf(optimizer).advance();
    program.run(kernels, this.#memory.arenaBase);
    const results = this.#results(program);
    return Object.fromEntries(
      entries.map(([key, fetch]) => [key, fetch instanceof Update ? undefined : results.next().value]),
    ) as FetchedAll<F>;
  }

  /** `count` standard normals, a function of (seed, stream, step) alone; streams are numbered in src/random/streams.ts. */
  normal(stream: number, step: number, count: number): Float32Array {
    this.#running();
    this.#memory.reserveArena(count * Float32Array.BYTES_PER_ELEMENT);
    this.#random.normal(this.#memory.arenaBase, count, stream, step);
    return readFloats(this.#memory, this.#memory.arenaBase, count);
  }

  /** A copy of an optimizer's moments and its number of updates. */
  optimizerState({ optimizer }: Update): OptimizerState {
    this.#running();
    return this.#slotsOf(optimizer).state();
  }

  /** @throws VariableError | ShapeError | ArgumentError where these values could not become the variable's. */
  checkVariable(name: string, values: ArrayLike<number>): void {
    this.#variables.check(name, values);
  }

  /** Checks a state against an update without taking it over. @throws ArgumentError | ShapeError. */
  checkOptimizerState({ optimizer, variables }: Update, state: OptimizerState): void {
    this.#slotsOf(optimizer).check(state, variables);
  }

  /** Takes over an optimizer's state. @throws ArgumentError | ShapeError for one that does not fit. */
  restoreOptimizerState({ optimizer, variables }: Update, state: OptimizerState): void {
    this.#running();
    this.#slotsOf(optimizer).restore(state, variables);
  }

  /** Frees everything; any use afterwards is a DisposedError. Disposing twice is harmless. */
  dispose(): void {
    this.#kernels = undefined;
    this.#programs.clear();
  }

  #running(): Kernels {
    if (this.#kernels === undefined) throw new DisposedError("the session");
    return this.#kernels;
  }

  #programFor(fetches: readonly Fetch[], updates: readonly Update[], feedShapes: ReadonlyMap<string, Shape>): Program {
    const key = this.#keyOf(fetches, feedShapes);
    const program = this.#programs.get(key) ?? this.#compile(fetches, updates, feedShapes);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > MOST_PROGRAMS) this.#programs.delete(this.#programs.keys().next().value!);
    return program;
  }

  #keyOf(fetches: readonly Fetch[], feedShapes: ReadonlyMap<string, Shape>): string {
    const ids = fetches.map((fetch) => {
      if (fetch instanceof Tensor && fetch.graph === this.graph) return fetch.id;
      if (fetch instanceof Update) return `update ${fetch.gradients.map(({ id }) => id).join("+")}`;
      throw new GraphError(`run: ${String(fetch)} is neither a tensor of this session's graph nor an update`);
    });
    return `${ids.join()}|${[...feedShapes].map(([name, shape]) => `${name}:${shape.join("x")}`).join()}`;
  }

  #compile(fetches: readonly Fetch[], updates: readonly Update[], feedShapes: ReadonlyMap<string, Shape>): Program {
    if (new Set(updates.map(({ optimizer }) => optimizer)).size < updates.length) {
      throw new GraphError("run: one optimizer is fetched twice; give each update an optimizer of its own");
    }
    const tensors = fetches.filter((fetch) => fetch instanceof Tensor);
    const steps = updates.flatMap((update) => this.#stepsOf(update));
    const request = { fetches: tensors, updates: steps, feedShapes, rewrites: this.#rewrites };
    const program = compileProgram(request, this.#memory, (name) => this.#variables.addressOf(name));
    this.#memory.reserveArena(program.arenaBytes);
    return program;
  }

  #stepsOf({ optimizer, variables, gradients }: Update): AdamStep[] {
    const slots = this.#slotsOf(optimizer);
    const { beta1, beta2, epsilon } = optimizer;
    return variables.map((variable, i) => ({
      gradient: gradients[i]!,
      variable: this.#variables.addressOf(variable.name),
      ...slots.momentsOf(variable),
      rate: slots.rate,
      beta1,
      beta2,
      epsilon,
    }));
  }

  #slotsOf(optimizer: Optimizer): AdamSlots {
    const known = this.#slots.get(optimizer);
    if (known !== undefined) return known;
    const slots = new AdamSlots(optimizer, this.#memory);
    this.#slots.set(optimizer, slots);
    return slots;
  }

  #write(address: number, values: ArrayLike<number>): void {
    if (typeof values === "string") throw new ArgumentError("run: a feed is a string, not an array of numbers");
    this.#memory.floats.set(values, address / Float32Array.BYTES_PER_ELEMENT);
  }

  *#results(program: Program): Generator<number | Float32Array, undefined> {
    for (const buffer of program.fetches) {
      const address = buffer.addressIn(this.#memory.arenaBase);
      yield buffer.shape.length === 0
        ? this.#memory.floats[address / Float32Array.BYTES_PER_ELEMENT]!
        : readFloats(this.#memory, address, sizeOf(buffer.shape));
    }
    return undefined;
  }
}
