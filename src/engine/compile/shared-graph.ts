import { Graph } from "../graph/graph.ts";
import type { Attributes, Inputs, Operation } from "../graph/operation.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * The graph a compilation works on. All shapes are known, and equal nodes are one node: applying an operation again to
 * the same inputs with the same attributes gives the existing node, so that nothing is computed twice.
 */
export class SharedGraph extends Graph {
  readonly #known = new Map<string, Tensor>();
  readonly #arrays = new Map<ArrayBufferView, number>();

  override apply<A extends Attributes, N extends number>(
    operation: Operation<A, N>,
    inputs: Inputs<Tensor, N>,
    attributes: A,
  ): Tensor {
    const ids = inputs.map((input) => input.id);
    const constants = JSON.stringify(attributes, (_, value: unknown) => this.#plain(value));
    const key = `${operation.name}(${ids.join()})${constants}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = super.apply(operation, inputs, attributes);
    this.#known.set(key, node);
    return node;
  }

  /** A typed array (a constant's values) equals only itself, not another array with the same content. */
  #plain(value: unknown): unknown {
    if (!ArrayBuffer.isView(value)) return value;
    const number = this.#arrays.get(value) ?? this.#arrays.size;
    this.#arrays.set(value, number);
    return `array ${number}`;
  }
}
