import { expect } from "vitest";
import { lowerableRoots } from "../../src/engine/compile/compile-program.ts";
import type { Buffer } from "../../src/engine/program/buffer.ts";
import { PlacedProgram } from "../../src/engine/program/placed-program.ts";
import { lower } from "../../src/engine/compile/lower.ts";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import type { RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import { savedOp } from "../../src/engine/graph/sources.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { instantiateKernels, type KernelInstance, type KernelSource } from "../../src/engine/runtime/kernels.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { shapesOf } from "./gradient-check.ts";
import { operationText } from "./operation-text.ts";
import { placeVariables } from "./place-variables.ts";
import { referenceOf } from "./reference/index.ts";
import { isA, sourceOf } from "./reference/interpret.ts";
import { valueOf, type Value } from "./reference/value.ts";
import "./to-be-close.ts";

/** Numbers of placeholders and variables by name. */
export type Fed = Readonly<Record<string, Float32Array>>;

/** The findings of a proof: the roots' numbers, and how many elements of all nodes were compared. */
export interface Proof {
  readonly roots: readonly Float32Array[];
  readonly compared: number;
  /** The operations that ran, as `operationText` has them. */
  readonly operations: readonly string[];
}

/**
 * Runs graphs on the kernels with every node fetched, and compares each node with its float64 reference on the inputs
 * that the kernels really had. So every operation is held to its own bound, however long the graph is.
 */
export class KernelProof {
  readonly #instance: KernelInstance;

  private constructor(instance: KernelInstance) {
    this.#instance = instance;
  }

  static async create(source: KernelSource = {}): Promise<KernelProof> {
    return new KernelProof(await instantiateKernels(source));
  }

  /** Compiles, runs and compares. @throws where an element is further from its reference than its bound. */
  check(label: string, roots: readonly Tensor[], fed: Fed, rewrites: RewriteSwitches = {}): Proof {
    const compiled = lowerableRoots(roots, { feedShapes: shapesOf(roots[0]!, fed), rewrites });
    const nodes = inOrder(compiled);
    const numbers = this.#run(nodes, fed);
    let compared = 0;
    for (const node of nodes) {
      const { got, values, bound } = comparison(node, numbers, fed);
      expect(got).toBeClose(`${label}: ${node.toString()}`, { values, bound });
      compared += got.length;
    }
    return {
      roots: compiled.map((root) => numbers.get(root)!),
      compared,
      operations: nodes.map(operationText),
    };
  }

  /** Every node's numbers; memory that no kernel wrote reads as NaN. */
  #run(nodes: readonly Tensor[], fed: Fed): ReadonlyMap<Tensor, Float32Array> {
    const memory = new Memory(this.#instance.memory);
    const program = lower(nodes, []);
    const placed = new PlacedProgram(program, placeVariables(memory, fed));
    memory.reserveArena(program.arenaBytes);
    const base = memory.arenaBase / Float32Array.BYTES_PER_ELEMENT;
    memory.floats.fill(NaN, base, base + program.arenaBytes / Float32Array.BYTES_PER_ELEMENT);
    const start = (buffer: Buffer): number =>
      placed.addressOf(buffer, memory.arenaBase) / Float32Array.BYTES_PER_ELEMENT;
    for (const [name, buffer] of program.feeds) memory.floats.set(fed[name]!, start(buffer));
    placed.run(this.#instance.kernels, memory.arenaBase);
    const read = (buffer: Buffer): Float32Array => memory.floats.slice(start(buffer), start(buffer) + buffer.size);
    return new Map(nodes.map((node, i) => [node, read(program.fetches[i]!)]));
  }
}

/** A node's numbers, and those that its reference computes from its inputs' numbers. */
function comparison(
  node: Tensor,
  numbers: ReadonlyMap<Tensor, Float32Array>,
  fed: Fed,
): {
  readonly got: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly bound?: ArrayLike<number> | undefined;
} {
  const got = numbers.get(node)!;
  const source = sourceOf(node, fed);
  if (source !== undefined) return { got, values: source.data };
  const [operation, index] = isA(node, savedOp)
    ? [node.inputs[0]!, (node.attributes as { readonly index: number }).index + 1]
    : [node, 0];
  const { values, bounds, integers } = referenceOf(operation.operation.name);
  const inputs = operation.inputs.map((input) => numbersOf(input, numbers.get(input)!));
  const results = values(inputs, operation.attributes, operation.shape as Shape);
  const bound = bounds?.(inputs, operation.attributes, results)[index];
  return {
    got: integers?.includes(index) === true ? integersOf(got) : got,
    values: results[index]!.data,
    bound,
  };
}

/** An input's numbers in the form in which its reader takes them. */
function numbersOf(node: Tensor, numbers: Float32Array): Value {
  const kept = isA(node, savedOp) ? (node.attributes as { readonly index: number }).index + 1 : undefined;
  const isInteger = kept !== undefined && referenceOf(node.inputs[0]!.operation.name).integers?.includes(kept);
  return valueOf(node.shape as Shape, isInteger === true ? integersOf(numbers) : numbers);
}

function integersOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}
