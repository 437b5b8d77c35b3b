import { compileProgram } from "../src/engine/compile/compile-program.ts";
import type { Graph } from "../src/engine/graph/graph.ts";
import { Tensor } from "../src/engine/graph/tensor.ts";
import { Update } from "../src/engine/graph/update.ts";
import type { Call, KernelName } from "../src/engine/program/emitter.ts";
import type { Program } from "../src/engine/program/program.ts";
import { instantiateKernels, type KernelInstance, type Kernels } from "../src/engine/runtime/kernels.ts";
import { kernelIn, type Tiles } from "../src/engine/runtime/tiles.ts";
import { feedShapesOf } from "../src/engine/session/feeds.ts";
import { layoutOfVariable } from "../src/engine/session/layout.ts";
import { Session } from "../src/engine/session/session.ts";
import { processorTime } from "./clock.ts";
import { ganSteps, type GanStep, type StepName } from "./gan-steps.ts";

const SEED = 7;

/** A call of a program, the kernel that made it in the tiles at hand, and how long it took. */
export interface TimedCall {
  readonly call: Call;
  readonly kernel: KernelName;
  readonly ms: number;
}

/** The GAN's steps in a session on one thread, whose kernel calls can be timed where they are made. */
export class TimedGan {
  readonly #steps: Readonly<Record<StepName, GanStep>>;
  readonly #watch: Watch;
  readonly #session: Session;
  readonly #tiles: Tiles;
  readonly #programs = new Map<StepName, Program>();

  private constructor(instance: KernelInstance, batchSize: number, tiles: Tiles) {
    const { graph, steps } = ganSteps(batchSize);
    this.#steps = steps;
    this.#watch = new Watch(instance.kernels);
    this.#session = new Session(
      graph,
      { ...instance, kernels: this.#watch.kernels },
      { seed: SEED, rewrites: {}, tiles },
    );
    this.#tiles = tiles;
  }

  static async create(batchSize: number, tiles: Tiles): Promise<TimedGan> {
    return new TimedGan(await instantiateKernels(), batchSize, tiles);
  }

  /** What a step's program is, as data. */
  programOf(name: StepName): Program {
    const program = this.#programs.get(name) ?? stepProgram(this.#session.graph, this.#steps[name]);
    this.#programs.set(name, program);
    return program;
  }

  /** Runs a step without clocks. */
  run(name: StepName): void {
    const { fetches, feeds } = this.#steps[name];
    this.#session.run(fetches, feeds);
  }

  /** Runs a step that has run before, with a clock around each of its calls. */
  timed(name: StepName): TimedCall[] {
    const { calls } = this.programOf(name);
    const made = this.#watch.during(() => this.run(name));
    const expected = calls.map(({ kernel }) => kernelIn(this.#tiles, kernel));
    if (made.map(({ kernel }) => kernel).join() !== expected.join()) {
      throw new Error(`${name}: the session ran other kernels than its program has`);
    }
    return calls.map((call, i) => ({ call, ...made[i]! }));
  }

  dispose(): void {
    this.#session.dispose();
  }
}

/** What a session compiles for this step on one thread. */
export function stepProgram(graph: Graph, { fetches, feeds }: GanStep): Program {
  const list = Object.values(fetches);
  return compileProgram({
    fetches: list.filter((fetch) => fetch instanceof Tensor),
    updates: list.filter((fetch) => fetch instanceof Update),
    feedShapes: feedShapesOf(graph, feeds),
    rewrites: {},
    layoutOf: (name) => layoutOfVariable(graph, graph.variables.get(name)!),
  });
}

/** Kernels that note how long they run, when asked to. */
class Watch {
  readonly kernels: Kernels;
  readonly #clockMs = clockCost();
  #made: { kernel: KernelName; ms: number }[] | undefined;

  constructor(kernels: Kernels) {
    const names = Object.keys(kernels) as KernelName[];
    const watched = names.map((name) => [name, this.#watched(name, kernels[name])]);
    this.kernels = Object.fromEntries(watched) as Kernels;
  }

  /** The calls that were made while `run` ran, in order. */
  during(run: () => void): readonly { readonly kernel: KernelName; readonly ms: number }[] {
    const made: { kernel: KernelName; ms: number }[] = [];
    this.#made = made;
    run();
    this.#made = undefined;
    return made;
  }

  #watched(kernel: KernelName, run: (...args: number[]) => void): (...args: number[]) => void {
    return (...args) => {
      if (this.#made === undefined) {
        run(...args);
        return;
      }
      const start = processorTime();
      run(...args);
      this.#made.push({ kernel, ms: Math.max(0, processorTime() - start - this.#clockMs) });
    };
  }
}

/** What reading the clock twice in a row takes: a part of every call's time that is not the kernel's. */
function clockCost(): number {
  const readings = 10_000;
  const start = processorTime();
  for (let i = 0; i < readings; i++) processorTime();
  return (processorTime() - start) / readings;
}
