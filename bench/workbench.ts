import type { KernelName } from "../src/engine/program/emitter.ts";
import type { PlacedProgram } from "../src/engine/program/placed-program.ts";
import { Program } from "../src/engine/program/program.ts";
import { instantiateKernels, type Kernels } from "../src/engine/runtime/kernels.ts";
import { Memory } from "../src/engine/runtime/memory.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import { nameOf, placedIn, placeTables, type Benchmark } from "./benchmark.ts";
import { uniform } from "./noise.ts";
import { bytesOf, flopsOf } from "./traffic.ts";

/** One thing to time: a benchmark's whole program, or what one of its kernels does in it. */
export interface Workload {
  /** The benchmark's name; of a part, then a slash and the kernel's. No two are the same. */
  readonly name: string;
  /** The line it has in the table. */
  readonly label: string;
  readonly isPart: boolean;
  /** Where multiplications and additions are the limit. */
  readonly flops: number | undefined;
  /** Read and written, where it is one kernel that memory limits. */
  readonly bytes: number | undefined;
  readonly run: () => void;
}

/** The kernels on one memory, which each benchmark has to itself while it is the latest. */
export class Workbench {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #tiles: Tiles;

  private constructor(kernels: Kernels, memory: WebAssembly.Memory, tiles: Tiles) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#tiles = tiles;
  }

  /** `tiles` are those of products, except where a benchmark says itself which it times. */
  static async create(tiles: Tiles = "plain"): Promise<Workbench> {
    const { kernels, memory } = await instantiateKernels();
    return new Workbench(kernels, memory, tiles);
  }

  /** The kernels a benchmark calls. Runs nothing. */
  kernelsOf(benchmark: Benchmark): KernelName[] {
    return distinctKernels(benchmark.program());
  }

  /** Compiles a benchmark, fills its memory with numbers and runs it once. What was loaded before is overwritten. */
  load(benchmark: Benchmark): Workload[] {
    const memory = new Memory(this.#memory);
    const placed = placedIn(memory, benchmark, this.#tiles);
    const { program } = placed;
    memory.reserveArena(program.arenaBytes);
    uniform(memory.floats.subarray(memory.arenaBase / 4, (memory.arenaBase + program.arenaBytes) / 4));
    placed.run(this.#kernels, memory.arenaBase);
    const kernels = distinctKernels(program);
    const whole = this.#whole(benchmark, placed, memory.arenaBase);
    if (kernels.length === 1) return [whole];
    return [whole, ...kernels.map((kernel) => this.#part(benchmark, kernel, placed, memory))];
  }

  #whole(benchmark: Benchmark, placed: PlacedProgram, arenaBase: number): Workload {
    const { program } = placed;
    const [kernel, ...others] = distinctKernels(program);
    const { operation, shape, flops } = benchmark;
    const name = nameOf(benchmark);
    const note = others.length > 0 || kernel === operation ? "" : ` (${kernel})`;
    const bytes = others.length > 0 || flops !== undefined ? undefined : sumOf(program.calls.map(bytesOf));
    const run = (): void => placed.run(this.#kernels, arenaBase);
    return { name, label: `${name} ${shape}${note}`, isPart: false, flops, bytes, run };
  }

  #part(benchmark: Benchmark, kernel: KernelName, { program, tiles }: PlacedProgram, memory: Memory): Workload {
    const calls = program.calls.filter((call) => call.kernel === kernel);
    const part = placeTables(memory, new Program(calls, new Map(), [], 0));
    part.tiles = tiles;
    const flops = sumOf(calls.map(flopsOf));
    const bytes = flops === undefined ? sumOf(calls.map(bytesOf)) : undefined;
    const { arenaBase } = memory;
    const name = `${nameOf(benchmark)}/${kernel}`;
    const run = (): void => part.run(this.#kernels, arenaBase);
    return { name, label: `  ${kernel}`, isPart: true, flops, bytes, run };
  }
}

function distinctKernels({ calls }: Program): KernelName[] {
  return [...new Set(calls.map(({ kernel }) => kernel))];
}

function sumOf(terms: readonly (number | undefined)[]): number | undefined {
  return terms.reduce((total, term) => (total === undefined || term === undefined ? undefined : total + term), 0);
}
