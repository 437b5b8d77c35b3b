import { compileProgram } from "../compile/compile-program.ts";
import { PlacedProgram } from "../program/placed-program.ts";
import type { Resident } from "../program/resident.ts";
import type { RewriteSwitches } from "../compile/rewrites/index.ts";
import { DisposedError, GraphError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { Tensor } from "../graph/tensor.ts";
import { Update, type Optimizer } from "../graph/update.ts";
import type { Kernels, KernelInstance } from "../runtime/kernels.ts";
import { Memory } from "../runtime/memory.ts";
import type { Pool } from "../runtime/threads/pool.ts";
import { TileProbe } from "../runtime/tile-probe.ts";
import type { Tiles } from "../runtime/tiles.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { feedShapesOf, type Feeds } from "./feeds.ts";
import { OptimizerValues } from "./optimizer-values.ts";
import { RandomValues } from "./random-values.ts";
import { copyState, restoreState, viewState, type SessionState, type StateParts } from "./state.ts";
import { readFloats, StoredValues } from "./stored-values.ts";
import { VariableValues } from "./variable-values.ts";

/**
 * Number of programs kept for another run of the same fetches and shapes. The least recently used one is dropped first.
 */
const MOST_PROGRAMS = 16;

/** A tensor, fetched for its value, or a training step, fetched for its effect. */
export type Fetch = Tensor | Update;

/**
 * The value of a fetch: a number for a scalar tensor, a row-major copy of another tensor's elements, nothing for an
 * update.
 */
export type Fetched<F extends Fetch> = F extends Update ? undefined : number | Float32Array;

/** The values of one run, in the form in which the fetches were asked for. */
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
  /**
   * The tiles of products. By default the session takes the faster ones, as soon as it trains and has measured them.
   */
  readonly tiles?: Tiles | undefined;
}

/**
 * All resources of a session until it is disposed. They are dropped as a whole, so that a disposed session holds no
 * memory.
 */
interface Holdings {
  readonly kernels: Kernels;
  /** The threads that run the programs; undefined if this thread runs them alone. */
  readonly pool: Pool | undefined;
  readonly memory: Memory;
  readonly stored: StoredValues;
  readonly values: VariableValues;
  readonly random: RandomValues;
  readonly optimizers: Map<Optimizer, OptimizerValues>;
  readonly programs: Map<string, PlacedProgram>;
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
  /** Number of threads that run it: the number asked for, or 1 if the platform gives no more. */
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
    const [optimizers, programs] = [new Map<Optimizer, OptimizerValues>(), new Map<string, PlacedProgram>()];
    this.#holdings = { kernels, pool, memory, stored, values, random, optimizers, programs, tiles };
  }

  /**
   * WASM bytes planned so far, 0 once disposed. They grow when a program is first compiled, never by running it again.
   */
  get memoryBytes(): number {
    return this.#holdings?.memory.plannedBytes ?? 0;
  }

  /** The seed of everything random. A new seed changes the values that are drawn from now on. */
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
    this.#chooseTiles();
    pool?.load(program, memory);
    for (const [name, buffer] of program.program.feeds) {
      memory.floats.set(feeds[name]!, program.addressOf(buffer, memory.arenaBase) / Float32Array.BYTES_PER_ELEMENT);
    }
    for (const { optimizer } of updates) this.#valuesOf(optimizer).advance();
    if (pool === undefined) program.run(kernels, memory.arenaBase);
    else pool.run(program);
    const results = resultsOf(program, memory);
    return Object.fromEntries(
      entries.map(([key, fetch]) => [key, fetch instanceof Update ? undefined : results.next().value]),
    ) as FetchedAll<F>;
  }

  /**
   * `count` standard normals, a function of (seed, stream, step) alone; src/engine/random/streams.ts numbers the
   * streams.
   */
  normal(stream: number, step: number, count: number): Float32Array {
    const { memory, random } = this.#open();
    memory.reserveArena(count * Float32Array.BYTES_PER_ELEMENT);
    random.normal(memory.arenaBase, count, stream, step);
    return readFloats(memory, memory.arenaBase, count);
  }

  /** A copy of all variables and of the state of every optimizer: what happens afterwards does not change it. */
  state(): SessionState {
    return copyState(this.stateView());
  }

  /**
   * The same without the copy. Each look-up in its maps gives a view of WASM memory. The view is good until the session
   * is used again, and looking up the next tensor is a use.
   */
  stateView(): SessionState {
    this.#open();
    return viewState(this.graph, () => this.#stateParts());
  }

  /**
   * Takes over a state of this graph as it is now; training goes on with the same bits. All of it is checked before
   * anything changes.
   * @throws ArgumentError for a value that is no state, an unknown optimizer or slot, t below 0, or a number that is
   *   not finite or below its slot's least; VariableError for a missing or unknown variable; ShapeError for a wrong
   *   length.
   */
  restore(state: SessionState): void {
    restoreState(this.graph, this.#stateParts(), state);
  }

  /** Frees everything and ends its threads; any later use is a DisposedError. Disposing twice is harmless. */
  dispose(): void {
    this.#holdings?.pool?.stop();
    this.#holdings = undefined;
  }

  #open(): Holdings {
    if (this.#holdings === undefined) throw new DisposedError("the session");
    this.#holdings.pool?.check();
    return this.#holdings;
  }

  #programFor(
    fetches: readonly Fetch[],
    updates: readonly Update[],
    feedShapes: ReadonlyMap<string, Shape>,
  ): PlacedProgram {
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

  #compile(
    fetches: readonly Fetch[],
    updates: readonly Update[],
    feedShapes: ReadonlyMap<string, Shape>,
  ): PlacedProgram {
    if (new Set(updates.map(({ optimizer }) => optimizer)).size < updates.length) {
      throw new GraphError("run: one optimizer is fetched twice; give each update an optimizer of its own");
    }
    const { memory, values, tiles } = this.#open();
    if (updates.length > 0) tiles.warmUp();
    const program = compileProgram({
      fetches: fetches.filter((fetch) => fetch instanceof Tensor),
      updates,
      feedShapes,
      rewrites: this.#rewrites,
      layoutOf: (name) => values.layoutOf(name),
      threads: this.threads,
    });
    const placed = new PlacedProgram(program, (resident) => this.#addressOf(resident));
    memory.reserveArena(program.arenaBytes);
    placed.tiles = tiles.tiles;
    return placed;
  }

  /** Moves all programs to the faster tiles, once these are known. */
  #chooseTiles(): void {
    const { pool, programs, tiles } = this.#open();
    if (!tiles.choose()) return;
    for (const program of programs.values()) {
      program.tiles = tiles.tiles;
      pool?.forget(program);
    }
  }

  /** The address of a resident. It gets its memory the first time. */
  #addressOf(resident: Resident): number {
    const { memory, values } = this.#open();
    switch (resident.kind) {
      case "table":
        return memory.table(resident.values);
      case "variable":
        return values.placeOf(resident.variable).address;
      case "slot":
        return this.#valuesOf(resident.optimizer).slot(resident.slot, values.find(resident.variable)).address;
      case "scalar":
        return this.#valuesOf(resident.optimizer).scalar(resident.scalar);
    }
  }

  #stateParts(): StateParts {
    return { variables: this.#open().values, optimizer: (optimizer) => this.#valuesOf(optimizer) };
  }

  #valuesOf(optimizer: Optimizer): OptimizerValues {
    const { memory, stored, values, optimizers } = this.#open();
    const known = optimizers.get(optimizer);
    if (known !== undefined) return known;
    const created = new OptimizerValues(optimizer, memory, stored, (name) => values.layoutOf(name));
    optimizers.set(optimizer, created);
    return created;
  }
}

function nameOf(fetch: Fetch): string {
  return fetch instanceof Update ? `the update of optimizer ${fetch.optimizer.name}` : String(fetch);
}

function* resultsOf(placed: PlacedProgram, memory: Memory): Generator<number | Float32Array, undefined> {
  for (const buffer of placed.program.fetches) {
    const address = placed.addressOf(buffer, memory.arenaBase);
    yield buffer.shape.length === 0
      ? memory.floats[address / Float32Array.BYTES_PER_ELEMENT]!
      : readFloats(memory, address, sizeOf(buffer.shape));
  }
  return undefined;
}
