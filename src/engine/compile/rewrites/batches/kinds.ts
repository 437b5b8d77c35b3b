import { placeholderOp } from "../../../graph/sources.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { definitionOf } from "../../../ops/define-op.ts";
import { gradientFlows } from "./gradient-flows.ts";
import { rowInputs, workOnRows } from "./row-wise.ts";

/** The facts about nodes that tell whether two of them may become one. */
export class Kinds {
  readonly #flows: readonly ReadonlySet<Tensor>[];
  readonly #fed = new Set<Tensor>();
  readonly #known = new Map<Tensor, string>();

  /** The nodes come in an order that has each one after its inputs. */
  constructor(order: readonly Tensor[]) {
    this.#flows = [...gradientFlows(order).values()];
    for (const node of order) {
      if (node.isResultOf(placeholderOp) || node.inputs.some((input) => this.#fed.has(input))) this.#fed.add(node);
    }
  }

  /** A product of rows with a tensor that depends on no feed. */
  multipliesWeights(node: Tensor): boolean {
    const weights = definitionOf(node)?.weights;
    return weights !== undefined && !this.#fed.has(node.inputs[weights]!);
  }

  /**
   * A text that is the same for nodes that do the same to rows of their own, and through which the same gradients flow.
   * If a gradient flowed through only one of two merged nodes, the other's part of it would run too, on zeros.
   */
  of(node: Tensor): string {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const kind = `${workOnRows(node)} ${this.#flowsThrough(node)}`;
    this.#known.set(node, kind);
    return kind;
  }

  /** The gradients that flow through the node, and those of them that flow into its inputs that give rows. */
  #flowsThrough(node: Tensor): string {
    const tensors = [node, ...node.inputs.slice(0, rowInputs(node))];
    return this.#flows.map((flow) => tensors.map((x) => Number(flow.has(x))).join("")).join();
  }
}
