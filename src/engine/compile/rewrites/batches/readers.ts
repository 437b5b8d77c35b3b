import type { Tensor } from "../../../graph/tensor.ts";
import type { Bundles } from "./bundles.ts";
import { isSliceOfRows } from "./rows.ts";

/** Who reads what. Slices of rows are no readers: who reads one reads rows of what it is cut from. */
export class Readers {
  readonly #readers = new Map<Tensor, Set<Tensor>>();
  readonly #rowReaders = new Map<Tensor, Set<Tensor>>();
  readonly #roots: ReadonlySet<Tensor>;

  /** Among these nodes, of which the roots are read by somebody else. */
  constructor(nodes: readonly Tensor[], roots: readonly Tensor[], bundles: Bundles) {
    this.#roots = new Set(roots);
    for (const node of nodes.filter((each) => !isSliceOfRows(each))) {
      for (const input of node.inputs) {
        enter(this.#readers, input, node);
        enter(this.#rowReaders, bundles.originOf(input), node);
      }
    }
  }

  /** Who reads a tensor. */
  of(x: Tensor): Iterable<Tensor> {
    return this.#readers.get(x) ?? [];
  }

  /** Who reads all or some of a tensor's rows. */
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
