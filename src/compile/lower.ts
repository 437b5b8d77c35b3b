import { GraphError } from "../errors.ts";
import { constantOp, placeholderOp, savedOp, variableOp, type ConstantAttributes } from "../graph/sources.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "../ops/define-op.ts";
import type { Memory } from "../runtime/memory.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { Buffer, Storage } from "./core/buffer.ts";
import { Emitter } from "./core/emitter.ts";
import { planMemory } from "./core/plan-memory.ts";
import { Program } from "./core/program.ts";
import { countUses, inOrder } from "./passes/traverse.ts";

/** One variable's update, at the end of a run: where its state lies, and the gradient that moves it. */
export interface AdamStep {
  readonly gradient: Tensor;
  /** Byte addresses of the variable, its moments, and the learning rate of this update. */
  readonly variable: number;
  readonly m: number;
  readonly v: number;
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Where a variable of this name lies, in bytes. */
export type AddressOf = (variable: string) => number;

/**
 * Turns a graph of known shapes into kernel calls with planned memory: every node in order, then what is fetched of
 * variables is copied, then the updates run. So every read sees the values from before the run.
 */
export function lower(
  fetches: readonly Tensor[],
  updates: readonly AdamStep[],
  memory: Memory,
  addressOf: AddressOf,
): Program {
  const roots = [...fetches, ...updates.map(({ gradient }) => gradient)];
  const lowering = new Lowering(roots, memory, addressOf);
  const results = fetches.map((fetch) => lowering.fetched(fetch));
  for (const update of updates) lowering.update(update);
  return lowering.program(results);
}

class Lowering {
  readonly #emit: Emitter;
  readonly #addressOf: AddressOf;
  readonly #uses: ReadonlyMap<Tensor, number>;
  readonly #buffers = new Map<Tensor, Buffer>();
  readonly #saved = new Map<Tensor, readonly Buffer[]>();
  readonly #feeds = new Map<string, Buffer>();

  constructor(roots: readonly Tensor[], memory: Memory, addressOf: AddressOf) {
    this.#emit = new Emitter(memory);
    this.#addressOf = addressOf;
    const order = inOrder(roots);
    // A root is read once more, after the last call: no node may take its memory.
    const uses = countUses(order.filter((node) => !node.isResultOf(savedOp)));
    for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1);
    this.#uses = uses;
    for (const node of order) this.#lowerNode(node);
  }

  /** The buffer in which a fetch is found after the run; a variable's is copied before it changes. */
  fetched(node: Tensor): Buffer {
    let buffer = this.#buffers.get(node)!;
    if (buffer.storage.address !== undefined) {
      const copy = this.#emit.scratch(buffer.shape);
      this.#emit.call("copy", [copy, buffer], copy.size);
      buffer = copy;
    }
    buffer.storage.touch(Infinity);
    return buffer;
  }

  update({ gradient, variable, m, v, rate, beta1, beta2, epsilon }: AdamStep): void {
    const g = this.#buffers.get(gradient)!;
    this.#emit.call("adam", [variable, m, v, g, rate, beta1, beta2, epsilon], g.size);
  }

  program(results: readonly Buffer[]): Program {
    const { calls, storages } = this.#emit;
    return new Program(calls, this.#feeds, results, planMemory(storages));
  }

  #lowerNode(node: Tensor): void {
    const buffer = this.#source(node) ?? this.#computed(node);
    buffer.storage.readersLeft += this.#uses.get(node) ?? 0;
    this.#buffers.set(node, buffer);
  }

  /** The buffer of a node that needs no kernel, or undefined. */
  #source(node: Tensor): Buffer | undefined {
    const { name, values, index } = node.attributes as { name: string; index: number } & ConstantAttributes;
    const shape = node.shape as Shape;
    switch (node.operation as unknown) {
      case placeholderOp:
        return this.#fed(name, shape);
      case variableOp:
        return new Buffer(shape, new Storage(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT, this.#addressOf(name)));
      case constantOp:
        return new Buffer(shape, this.#emit.floats(values).storage);
      case savedOp:
        return this.#saved.get(node.inputs[0]!)![index]!;
      default:
        return undefined;
    }
  }

  #fed(name: string, shape: Shape): Buffer {
    const buffer = this.#emit.scratch(shape);
    buffer.storage.touch(-1);
    this.#feeds.set(name, buffer);
    return buffer;
  }

  #computed(node: Tensor): Buffer {
    const definition = definitionOf(node);
    const inputs = node.inputs.map((input) => this.#buffers.get(input)!);
    const shapes = inputs.map((input) => input.shape);
    const saved = (definition.saved?.(shapes, node.attributes) ?? []).map((shape) => this.#emit.scratch(shape));
    const y = this.#emit.scratch(node.shape as Shape);
    definition.lower(this.#emit, y, inputs, node.attributes, saved);
    for (const input of inputs) input.storage.readersLeft--;
    this.#saved.set(node, saved);
    return y;
  }
}

function definitionOf(node: Tensor): OpDefinition {
  if ("lower" in node.operation) return node.operation as OpDefinition;
  throw new GraphError(`${node.toString()} cannot be run: its operation has no kernels`);
}
