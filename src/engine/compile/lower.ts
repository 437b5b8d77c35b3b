import { GraphError } from "../errors.ts";
import { constantOp, placeholderOp, savedOp, variableOp } from "../graph/sources.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Optimizer } from "../graph/update.ts";
import { definitionOf } from "../ops/define-op.ts";
import { inLayout, plainOf } from "../lowering/product/panel-layout.ts";
import type { Memory } from "../runtime/memory.ts";
import { concrete, sizeOf, type Shape } from "../shape.ts";
import { Buffer, Storage, type Layout } from "../program/buffer.ts";
import { Emitter } from "../program/emitter.ts";
import { definitionOf as optimizerOf } from "../program/optimizer.ts";
import { planMemory } from "../program/plan-memory.ts";
import { Program } from "../program/program.ts";
import { countUses, inOrder } from "./passes/traverse.ts";

/** Where a variable or a slot lies, and how. */
export interface Place {
  /** In bytes. */
  readonly address: number;
  readonly layout: Layout;
}

/** One variable's update, at the end of a run: where its state lies, and the gradient that moves it. */
export interface UpdateStep {
  readonly optimizer: Optimizer;
  readonly gradient: Tensor;
  readonly variable: Place;
  /** By the optimizer's slots; they lie as the variable does. */
  readonly slots: ReadonlyMap<string, Place>;
  /** Byte addresses by the optimizer's scalars. */
  readonly scalars: ReadonlyMap<string, number>;
}

/** Where a variable of this name lies. */
export type PlaceOf = (variable: string) => Place;

/**
 * Turns a graph of known shapes into kernel calls with planned memory: every node in order, then what is fetched of
 * variables is copied, then the updates run. So every read sees the values from before the run.
 */
export function lower(
  fetches: readonly Tensor[],
  updates: readonly UpdateStep[],
  memory: Memory,
  placeOf: PlaceOf,
  threads = 1,
): Program {
  const lowering = new Lowering(fetches, updates, new Emitter(memory, threads), placeOf);
  const results = fetches.map((fetch) => lowering.fetched(fetch));
  for (const update of updates) lowering.update(update);
  return lowering.program(results);
}

class Lowering {
  readonly #emit: Emitter;
  readonly #placeOf: PlaceOf;
  readonly #uses: ReadonlyMap<Tensor, number>;
  /** Gradients that nothing but the update of a variable in panels reads. */
  readonly #panelGradients: ReadonlySet<Tensor>;
  readonly #buffers = new Map<Tensor, Buffer>();
  readonly #saved = new Map<Tensor, readonly Buffer[]>();
  readonly #feeds = new Map<string, Buffer>();

  constructor(fetches: readonly Tensor[], updates: readonly UpdateStep[], emit: Emitter, placeOf: PlaceOf) {
    this.#emit = emit;
    this.#placeOf = placeOf;
    const roots = [...fetches, ...updates.map(({ gradient }) => gradient)];
    const order = inOrder(roots);
    // A root is read once more, after the last call: no node may take its memory.
    const uses = countUses(order.filter((node) => !node.isResultOf(savedOp)));
    for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1);
    this.#uses = uses;
    const inPanels = updates.filter(
      ({ gradient, variable }) => variable.layout === "panels" && uses.get(gradient) === 1,
    );
    this.#panelGradients = new Set(inPanels.map(({ gradient }) => gradient));
    for (const node of order) this.#lowerNode(node);
  }

  /** The buffer in which a fetch is found after the run; a variable's is copied before it changes. */
  fetched(node: Tensor): Buffer {
    let buffer = plainOf(this.#emit, this.#buffers.get(node)!);
    if (buffer.storage.address !== undefined) {
      const copy = this.#emit.scratch(buffer.shape);
      this.#emit.call("copy", [copy, buffer], copy.size);
      buffer = copy;
    }
    buffer.storage.touch(Infinity);
    return buffer;
  }

  update({ optimizer, gradient, variable, slots, scalars }: UpdateStep): void {
    const g = inLayout(this.#emit, this.#buffers.get(gradient)!, variable.layout);
    optimizerOf(optimizer).emit(this.#emit, {
      variable: bufferAt(variable, g.shape),
      gradient: g,
      slot: (name) => bufferAt(slots.get(name)!, g.shape),
      scalar: (name) => bufferAt({ address: scalars.get(name)!, layout: "plain" }, []),
    });
  }

  program(results: readonly Buffer[]): Program {
    const { steps, storages, threads } = this.#emit;
    return new Program(steps, this.#feeds, results, planMemory(storages), threads);
  }

  #lowerNode(node: Tensor): void {
    const buffer = this.#source(node) ?? this.#computed(node);
    buffer.storage.readersLeft += this.#uses.get(node) ?? 0;
    this.#buffers.set(node, buffer);
  }

  /** The buffer of a node that needs no kernel, or undefined. */
  #source(node: Tensor): Buffer | undefined {
    const shape = concrete(node.shape);
    const placeholder = node.match(placeholderOp);
    if (placeholder) return this.#fed(placeholder.attributes.name, shape);
    const variable = node.match(variableOp);
    if (variable) return this.#variable(variable.attributes.name, shape);
    const constant = node.match(constantOp);
    if (constant) return new Buffer(shape, this.#emit.floats(constant.attributes.values).storage);
    const kept = node.match(savedOp);
    return kept && this.#saved.get(kept.inputs[0])![kept.attributes.index];
  }

  #variable(name: string, shape: Shape): Buffer {
    return bufferAt(this.#placeOf(name), shape);
  }

  #fed(name: string, shape: Shape): Buffer {
    const buffer = this.#emit.scratch(shape);
    buffer.storage.touch(-1);
    this.#feeds.set(name, buffer);
    return buffer;
  }

  #computed(node: Tensor): Buffer {
    const definition = definitionOf(node);
    if (definition === undefined) {
      throw new GraphError(`${node.toString()} cannot be run: its operation has no kernels`);
    }
    const panelInput = definition.panelInput?.(node.attributes);
    const inputs = node.inputs.map((input, i) => {
      const buffer = this.#buffers.get(input)!;
      return i === panelInput ? buffer : plainOf(this.#emit, buffer);
    });
    const shapes = inputs.map((input) => input.shape);
    const saved = (definition.saved?.(shapes, node.attributes) ?? []).map((shape) => this.#emit.scratch(shape));
    const inPanels = definition.writesPanels?.(node.attributes) === true && this.#panelGradients.has(node);
    const y = this.#emit.scratch(concrete(node.shape), inPanels ? "panels" : "plain");
    definition.lower(this.#emit, y, inputs, node.attributes, saved);
    for (const input of node.inputs) this.#buffers.get(input)!.storage.readersLeft--;
    this.#saved.set(node, saved);
    return y;
  }
}

function bufferAt({ address, layout }: Place, shape: Shape): Buffer {
  return new Buffer(shape, new Storage(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT, address), 0, layout);
}
