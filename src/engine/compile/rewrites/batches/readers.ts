import type { Tensor } from "../../../graph/tensor.ts";
import type { Bundles } from "./bundles.ts";
import { isSliceOfRows } from "./rows.ts";

/**
 * The readers of each tensor. A slice of rows is not a reader: its readers read rows of the tensor that it is cut from.
 */
export class Readers {
  readonly #readers = new Map<Tensor, Set<Tensor>>();
  readonly #rowReaders = new Map<Tensor, Set<Tensor>>();
  readonly #roots: ReadonlySet<Tensor>;

  /** The readers among these nodes. The roots have other readers, too. */
  constructor(nodes: readonly Tensor[], roots: readonly Tensor[], bundles: Bundles) {
    this.#roots = new Set(roots);
    for (const node of nodes.filter((each) => !isSliceOfRows(each))) {
      for (const input of node.inputs) {
        enter(this.#readers, input, node);
        enter(this.#rowReaders, bundles.originOf(input), node);
      }
    }
  }

  /** The readers of a tensor. */
  of(x: Tensor): Iterable<Tensor> {
    return this.#readers.get(x) ?? [];
  }

  /** The readers of any of a tensor's rows. */
  ofRows(x: Tensor): Iterable<Tensor> {
    return this.#rowReaders.get(x) ?? [];
  }

  isRoot(x: Tensor): boolean {
    return this.#roots.has(x);
  }
}

function enter(readers: Map<Tensor, Set<Tensor>>, x: Tensor, reader: Tensor): void {
  const known = readers.get(x);
  if (known === undefined) readers.set(x, new Set([reader]));
  else known.add(reader);
}
