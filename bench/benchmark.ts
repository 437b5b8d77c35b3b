import { compileProgram } from "../src/engine/compile/compile-program.ts";
import { Emitter } from "../src/engine/program/emitter.ts";
import { PlacedProgram } from "../src/engine/program/placed-program.ts";
import { planMemory } from "../src/engine/program/plan-memory.ts";
import { Program } from "../src/engine/program/program.ts";
import { Graph } from "../src/engine/graph/graph.ts";
import type { Tensor } from "../src/engine/graph/tensor.ts";
import type { Memory } from "../src/engine/runtime/memory.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import { formatShape, type Shape } from "../src/engine/shape.ts";

/** Something to time: a program of kernel calls, and what it stands for. */
export interface Benchmark {
  /** `operation` and `layer` together name it. */
  readonly operation: string;
  readonly layer: string;
  /** The shapes of its inputs. */
  readonly shape: string;
  /** Multiplications and additions of the textbook algorithm, whatever the program does. */
  readonly flops?: number;
  /** Whether its products are computed in the tiles that a session chooses; otherwise it names its kernels itself. */
  readonly choosesTiles: boolean;
  readonly program: () => Program;
}

/** What names a benchmark of an operation. */
export interface Subject {
  readonly operation: string;
  readonly layer: string;
  readonly inputs: readonly Shape[];
  readonly flops?: number;
}

/** An operation on inputs of these shapes, compiled as a session compiles it. */
export function operation(subject: Subject, build: (...inputs: Tensor[]) => Tensor): Benchmark {
  const { inputs, ...rest } = subject;
  const program = (): Program => {
    const graph = new Graph();
    const placeholders = inputs.map((shape, i) => graph.placeholder(`input${i}`, shape));
    const feedShapes = new Map(inputs.map((shape, i) => [`input${i}`, shape]));
    // What is fetched is not overwritten: the inputs are there for the next run, as they would be if they were fed.
    const fetches = [build(...placeholders), ...placeholders];
    return compileProgram({ fetches, updates: [], feedShapes, rewrites: {} });
  };
  return { ...rest, shape: inputs.map(formatShape).join(" "), choosesTiles: true, program };
}

/** Kernel calls written out, for what no operation calls. They name their kernels, so there are no tiles to choose. */
export function kernelCalls(subject: Subject, emit: (emitter: Emitter) => void): Benchmark {
  const { inputs, ...rest } = subject;
  const program = (): Program => {
    const emitter = new Emitter();
    emit(emitter);
    return new Program(emitter.steps, new Map(), [], planMemory(emitter.storages));
  };
  return { ...rest, shape: inputs.map(formatShape).join(" "), choosesTiles: false, program };
}

/** Its program in a memory, with the tiles of a session where it has a choice. */
export function placedIn(memory: Memory, { choosesTiles, program }: Benchmark, tiles: Tiles): PlacedProgram {
  const placed = placeTables(memory, program());
  if (choosesTiles) placed.tiles = tiles;
  return placed;
}

/** A program that needs nothing but tables, in a memory. */
export function placeTables(memory: Memory, program: Program): PlacedProgram {
  return new PlacedProgram(program, (resident) => {
    if (resident.kind === "table") return memory.table(resident.values);
    throw new Error(`a benchmark has no ${resident.kind}`);
  });
}

/** Its name in reports and for filters. */
export function nameOf({ operation, layer }: Pick<Benchmark, "operation" | "layer">): string {
  return `${operation} ${layer}`;
}
