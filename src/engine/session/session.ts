import { compileProgram } from "../compile/compile-program.ts";
import type { Buffer } from "../program/buffer.ts";
import type { Program } from "../program/program.ts";
import type { AdamStep } from "../compile/lower.ts";
import type { RewriteSwitches } from "../compile/rewrites/index.ts";
import { DisposedError, GraphError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { Tensor, type Variable } from "../graph/tensor.ts";
import { Update, type Optimizer } from "../graph/update.ts";
import type { Kernels, KernelInstance } from "../runtime/kernels.ts";
import { Memory } from "../runtime/memory.ts";
import type { Pool } from "../runtime/threads/pool.ts";
import { TileProbe } from "../runtime/tile-probe.ts";
import type { Tiles } from "../runtime/tiles.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { AdamSlots, type OptimizerState } from "./adam-slots.ts";
import { feedShapesOf, type Feeds } from "./feeds.ts";
import { RandomValues } from "./random-values.ts";
import { readFloats, StoredValues } from "./stored-values.ts";
import { VariableValues } from "./variable-values.ts";

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
  /** The tiles products are computed in. By default those that turn out to be faster, once it trains. */
  readonly tiles?: Tiles | undefined;
}

/** What a session owns until it is disposed; dropped as a whole, so that a disposed session holds no memory. */
interface Holdings {
  readonly kernels: Kernels;
  /** The threads that run the programs; none where this one does it alone. */
  readonly pool: Pool | undefined;
  readonly memory: Memory;
  readonly stored: StoredValues;
  readonly values: VariableValues;
  readonly random: RandomValues;
  readonly slots: Map<Optimizer, AdamSlots>;
  readonly programs: Map<string, Program>;
  readonly tiles: TileProbe;
}

/**
 * Runs a graph: holds its variables and optimizers in one WASM memory, compiles a program for each set of fetches and
 * feed shapes it meets, and runs it. Make one with `compile`.
 */
export class Session {
  readonly graph: Graph;
  /** The variables' values by name. */
  readonly variables: SessionVariables;
  /** How many threads run it: those that were asked for, or 1 where the platform gives no more. */
  readonly threads: number;
  readonly #rewrites: RewriteSwitches;
  #seed: number;
  #holdings: Holdings | undefined;

  constructor(graph: Graph, instance: KernelInstance, { seed, rewrites, tiles: given }: SessionOptions) {
    const { kernels, pool } = instance;
    const memory = new Memory(instance.memory);
    const random = new RandomValues(kernels, seed);
    const stored = new StoredValues(kernels, memory);
    const values = new VariableValues(graph, memory, random, stored);
    this.graph = graph;
    this.variables = {
      get: (name) => this.#open().values.get(name),
      set: (name, given) => this.#open().values.set(name, given),
    };
    this.threads = pool?.threads ?? 1;
    this.#rewrites = rewrites;
    this.#seed = seed;
    const tiles = new TileProbe(kernels, memory, given);
    this.#holdings = { kernels, pool, memory, stored, values, random, slots: new Map(), programs: new Map(), tiles };
  }

  /** WASM bytes planned so far, 0 once disposed. Grows when a program is first compiled, never by running it again. */
  get memoryBytes(): number {
    return this.#holdings?.memory.plannedBytes ?? 0;
  }

  /** The seed of everything random; a new one moves what is drawn from now on. */
  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#open().random.reseed(seed);
    this.#seed = seed;
  }

  /**
   * Computes the fetches from the feeds. Every read of a variable sees its value from before the run; updates apply
   * afterwards, in the order of the fetches.
   * @throws GraphError for a missing or unknown feed, a foreign fetch, or one optimizer fetched twice; ShapeError for
   *   lengths and shapes that do not fit; DisposedError after dispose; ThreadError when a thread fails, and ever after.
   */
  run<const F extends Readonly<Record<string, Fetch>>>(fetches: F, feeds: Feeds = {}): FetchedAll<F> {
    const { kernels, pool, memory } = this.#open();
    if (typeof fetches !== "object" || fetches === null)
      throw new GraphError(`run: the fetches are ${String(fetches)}`);
    const entries = Object.entries(fetches);
    const updates = entries.map(([, fetch]) => fetch).filter((fetch) => fetch instanceof Update);
    const program = this.#programFor(
      entries.map(([, fetch]) => fetch),
      updates,
      feedShapesOf(this.graph, feeds),
    );
    this.#settleTiles();
    pool?.load(program, memory);
    for (const [name, buffer] of program.feeds) writeFeed(memory, buffer, feeds[name]!);
    for (const { optimizer } of updates) this.#slotsOf(optimizer).advance();
    if (pool === undefined) program.run(kernels, memory.arenaBase);
    else pool.run(program);
    const results = resultsOf(program, memory);
    return Object.fromEntries(
      entries.map(([key, fetch]) => [key, fetch instanceof Update ? undefined : results.next().value]),
    ) as FetchedAll<F>;
  }

  /** `count` standard normals, a function of (seed, stream, step) alone; streams are numbered in src/engine/random/streams.ts. */
  normal(stream: number, step: number, count: number): Float32Array {
    const { memory, random } = this.#open();
    memory.reserveArena(count * Float32Array.BYTES_PER_ELEMENT);
    random.normal(memory.arenaBase, count, stream, step);
    return readFloats(memory, memory.arenaBase, count);
  }

  /** A copy of an optimizer's number of updates and its moments of the update's variables. */
  optimizerState({ optimizer, variables }: Update): OptimizerState {
    return this.#slotsOf(optimizer).state(variables);
  }

  /** A variable's values, row-major and not copied: good until the session is used again. @throws VariableError. */
  viewVariable(name: string): Float32Array {
    return this.#open().values.view(name);
  }

  /** How many updates an optimizer has applied. */
  updatesOf(optimizer: Optimizer): number {
    return this.#slotsOf(optimizer).updates;
  }

  /** One moment of a variable an optimizer trains, row-major and not copied: good until the session is used again. */
  viewMoment(optimizer: Optimizer, which: "m" | "v", variable: Variable): Float32Array {
    return this.#slotsOf(optimizer).view(which, variable);
  }

  /** @throws VariableError | ShapeError | ArgumentError where these values could not become the variable's. */
  checkVariable(name: string, values: ArrayLike<number>): void {
    this.#open().values.check(name, values);
  }

  /** Checks a state against an update without taking it over. @throws ArgumentError | ShapeError. */
  checkOptimizerState({ optimizer, variables }: Update, state: OptimizerState): void {
    this.#slotsOf(optimizer).check(state, variables);
  }

  /** Takes over an optimizer's state. @throws ArgumentError | ShapeError for one that does not fit. */
  restoreOptimizerState({ optimizer, variables }: Update, state: OptimizerState): void {
    this.#slotsOf(optimizer).restore(state, variables);
  }

  /** Frees everything and ends its threads; any use afterwards is a DisposedError. Disposing twice is harmless. */
  dispose(): void {
    this.#holdings?.pool?.stop();
    this.#holdings = undefined;
  }

  #open(): Holdings {
    if (this.#holdings === undefined) throw new DisposedError("the session");
    this.#holdings.pool?.check();
    return this.#holdings;
  }

  #programFor(fetches: readonly Fetch[], updates: readonly Update[], feedShapes: ReadonlyMap<string, Shape>): Program {
    const { pool, programs } = this.#open();
    const key = this.#keyOf(fetches, feedShapes);
    const program = programs.get(key) ?? this.#compile(fetches, updates, feedShapes);
    programs.delete(key);
    programs.set(key, program);
    if (programs.size > MOST_PROGRAMS) {
      const [oldest, unused] = programs.entries().next().value!;
      programs.delete(oldest);
      pool?.forget(unused);
    }
    return program;
  }

  #keyOf(fetches: readonly Fetch[], feedShapes: ReadonlyMap<string, Shape>): string {
    const ids = fetches.map((fetch) => {
      if (fetch instanceof Tensor && fetch.graph === this.graph) return fetch.id;
      if (fetch instanceof Update && fetch.gradients[0]?.graph === this.graph) {
        return `update ${fetch.gradients.map(({ id }) => id).join("+")}`;
      }
      throw new GraphError(`run: ${nameOf(fetch)} is neither a tensor nor an update of this session's graph`);
    });
    return `${ids.join()}|${[...feedShapes].map(([name, shape]) => `${name}:${shape.join("x")}`).join()}`;
  }

  #compile(fetches: readonly Fetch[], updates: readonly Update[], feedShapes: ReadonlyMap<string, Shape>): Program {
    if (new Set(updates.map(({ optimizer }) => optimizer)).size < updates.length) {
      throw new GraphError("run: one optimizer is fetched twice; give each update an optimizer of its own");
    }
    const tensors = fetches.filter((fetch) => fetch instanceof Tensor);
    const steps = updates.flatMap((update) => this.#stepsOf(update));
    const request = { fetches: tensors, updates: steps, feedShapes, rewrites: this.#rewrites, threads: this.threads };
    const { memory, values, tiles } = this.#open();
    if (updates.length > 0) tiles.warmUp();
    const program = compileProgram(request, memory, (name) => values.placeOf(name));
    memory.reserveArena(program.arenaBytes);
    program.tiles = tiles.tiles;
    return program;
  }

  /** Moves all programs to the faster tiles, once it is known which those are. */
  #settleTiles(): void {
    const { pool, programs, tiles } = this.#open();
    if (!tiles.choose()) return;
    for (const program of programs.values()) {
      program.tiles = tiles.tiles;
      pool?.forget(program);
    }
  }

  #stepsOf({ optimizer, variables, gradients }: Update): AdamStep[] {
    const { values } = this.#open();
    const slots = this.#slotsOf(optimizer);
    const { beta1, beta2, epsilon } = optimizer;
    return variables.map((variable, i) => {
      const { m, v } = slots.momentsOf(variable);
      return {
        gradient: gradients[i]!,
        variable: values.placeOf(variable.name),
        m: m.address,
        v: v.address,
        rate: slots.rate,
        beta1,
        beta2,
        epsilon,
      };
    });
  }

  #slotsOf(optimizer: Optimizer): AdamSlots {
    const { memory, stored, values, slots } = this.#open();
    const known = slots.get(optimizer);
    if (known !== undefined) return known;
    const created = new AdamSlots(optimizer, memory, stored, (name) => values.placeOf(name));
    slots.set(optimizer, created);
    return created;
  }
}

function nameOf(fetch: Fetch): string {
  return fetch instanceof Update ? `the update of optimizer ${fetch.optimizer.name}` : String(fetch);
}

function writeFeed(memory: Memory, buffer: Buffer, values: ArrayLike<number>): void {
  memory.floats.set(values, buffer.addressIn(memory.arenaBase) / Float32Array.BYTES_PER_ELEMENT);
}

function* resultsOf(program: Program, memory: Memory): Generator<number | Float32Array, undefined> {
  for (const buffer of program.fetches) {
    const address = buffer.addressIn(memory.arenaBase);
    yield buffer.shape.length === 0
      ? memory.floats[address / Float32Array.BYTES_PER_ELEMENT]!
      : readFloats(memory, address, sizeOf(buffer.shape));
  }
  return undefined;
}
