import { placeholderOp } from "../../../graph/sources.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { definitionOf } from "../../../ops/define-op.ts";
import { gradientFlows } from "./gradient-flows.ts";
import { rowInputs, workOnRows } from "./row-wise.ts";

/** What is to be known of a node to tell whether it and another one may become one. */
export class Kinds {
  readonly #flows: readonly ReadonlySet<Tensor>[];
  readonly #fed = new Set<Tensor>();
  readonly #known = new Map<Tensor, string>();

  /** Of these nodes, each of which comes after its inputs. */
  constructor(order: readonly Tensor[]) {
    this.#flows = [...gradientFlows(order).values()];
    for (const node of order) {
      if (node.isResultOf(placeholderOp) || node.inputs.some((input) => this.#fed.has(input))) this.#fed.add(node);
    }
  }

  /** A product of rows with what no feed has a part in. */
  multipliesWeights(node: Tensor): boolean {
    const weights = definitionOf(node)?.weights;
    return weights !== undefined && !this.#fed.has(node.inputs[weights]!);
  }

  /**
   * A text that is the same for nodes that do the same to rows of their own, and through which the same gradients flow.
   * Were a gradient to flow through one of two nodes only, merging them would run the other's part of it too, on zeros.
   */
  of(node: Tensor): string {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const kind = `${workOnRows(node)} ${this.#flowsThrough(node)}`;
    this.#known.set(node, kind);
    return kind;
  }

  /** Which gradients flow through the node, and which of them into its inputs that give rows. */
  #flowsThrough(node: Tensor): string {
    const tensors = [node, ...node.inputs.slice(0, rowInputs(node))];
    return this.#flows.map((flow) => tensors.map((x) => Number(flow.has(x))).join("")).join();
  }
}
