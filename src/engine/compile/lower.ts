import { GraphError } from "../errors.ts";
import { constantOp, placeholderOp, savedOp, variableOp } from "../graph/sources.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Optimizer } from "../graph/update.ts";
import { definitionOf } from "../ops/define-op.ts";
import { inLayout, plainOf } from "../lowering/product/panel-layout.ts";
import { concrete, formatShape, type Shape } from "../shape.ts";
import { Buffer, type Layout } from "../program/buffer.ts";
import { Emitter } from "../program/emitter.ts";
import { definitionOf as optimizerOf } from "../program/optimizer.ts";
import { planMemory } from "../program/plan-memory.ts";
import { Program } from "../program/program.ts";
import { countUses, inOrder } from "./passes/traverse.ts";

/** One variable's update, at the end of a run. */
export interface UpdateStep {
  readonly optimizer: Optimizer;
  readonly gradient: Tensor;
  /** The name of the variable that the gradient moves. */
  readonly variable: string;
}

/** The layout of the variable of this name. Its slots have the same layout. */
export type LayoutOf = (variable: string) => Layout;

/**
 * Turns a graph of known shapes into kernel calls with planned memory. All nodes come first, in order; then fetched
 * variables are copied; then the updates run. So every read sees the values from before the run.
 */
export function lower(
  fetches: readonly Tensor[],
  updates: readonly UpdateStep[],
  layoutOf: LayoutOf = () => "plain",
  threads = 1,
): Program {
  const lowering = new Lowering(fetches, updates, new Emitter(threads), layoutOf);
  const results = fetches.map((fetch) => lowering.fetched(fetch));
  for (const update of updates) lowering.update(update);
  return lowering.program(results);
}

class Lowering {
  readonly #emit: Emitter;
  readonly #layoutOf: LayoutOf;
  readonly #uses: ReadonlyMap<Tensor, number>;
  /** Gradients that only the update of a variable in panels reads. */
  readonly #panelGradients: ReadonlySet<Tensor>;
  readonly #buffers = new Map<Tensor, Buffer>();
  readonly #saved = new Map<Tensor, readonly Buffer[]>();
  readonly #feeds = new Map<string, Buffer>();

  constructor(fetches: readonly Tensor[], updates: readonly UpdateStep[], emit: Emitter, layoutOf: LayoutOf) {
    this.#emit = emit;
    this.#layoutOf = layoutOf;
    const roots = [...fetches, ...updates.map(({ gradient }) => gradient)];
    const order = inOrder(roots);
    // A root is read once more, after the last call: no node may take its memory.
    const uses = countUses(order.filter((node) => !node.isResultOf(savedOp)));
    for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1);
    this.#uses = uses;
    const inPanels = updates.filter(
      ({ gradient, variable }) => layoutOf(variable) === "panels" && uses.get(gradient) === 1,
    );
    this.#panelGradients = new Set(inPanels.map(({ gradient }) => gradient));
    for (const node of order) this.#lowerNode(node);
  }

  /** The buffer that holds a fetch after the run. A fetched variable is copied before it changes. */
  fetched(node: Tensor): Buffer {
    this.#emit.origin = `fetch of ${node.toString()}`;
    let buffer = plainOf(this.#emit, this.#buffers.get(node)!);
    if (buffer.storage.resident !== undefined) {
      const copy = this.#emit.scratch(buffer.shape);
      this.#emit.call("copy", [copy, buffer], copy.size);
      buffer = copy;
    }
    buffer.storage.touch(Infinity);
    return buffer;
  }

  update({ optimizer, gradient, variable }: UpdateStep): void {
    const emit = this.#emit;
    emit.origin = `${optimizer.name} of ${variable}`;
    const layout = this.#layoutOf(variable);
    const g = inLayout(emit, this.#buffers.get(gradient)!, layout);
    optimizerOf(optimizer).emit(emit, {
      variable: emit.resident(g.shape, { kind: "variable", variable }, layout),
      gradient: g,
      slot: (slot) => emit.resident(g.shape, { kind: "slot", optimizer, slot, variable }, layout),
      scalar: (scalar) => emit.resident([], { kind: "scalar", optimizer, scalar }),
    });
  }

  program(results: readonly Buffer[]): Program {
    const { steps, storages, threads } = this.#emit;
    return new Program(steps, this.#feeds, results, planMemory(storages), threads);
  }

  #lowerNode(node: Tensor): void {
    this.#emit.origin = `${node.operation.name} ${formatShape(node.shape)}`;
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
    return this.#emit.resident(shape, { kind: "variable", variable: name }, this.#layoutOf(name));
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
