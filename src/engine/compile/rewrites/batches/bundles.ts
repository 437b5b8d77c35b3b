// Bundles: nodes that are to become one, and the places of each node's rows in it.
import type { Tensor } from "../../../graph/tensor.ts";
import { rowInputs } from "./row-wise.ts";
import { firstRow, isSliceOfRows, rowCount } from "./rows.ts";

/** Nodes that do the same to rows of their own. They become one node: the first one's rows, then the second's, … */
export class Bundle {
  readonly members: readonly Tensor[];
  /** Number of rows of all members together. */
  readonly rowCount: number;

  constructor(members: readonly Tensor[]) {
    this.members = members;
    this.rowCount = members.reduce((sum, member) => sum + rowCount(member), 0);
  }

  /** The member at whose place the one node is computed. */
  get first(): Tensor {
    return this.members[0]!;
  }

  /** For each input that gives rows: that input of each member. */
  get rowInputs(): readonly (readonly Tensor[])[] {
    const inputs = this.first.inputs.slice(0, rowInputs(this.first));
    return inputs.map((_, i) => this.members.map((member) => member.inputs[i]!));
  }

  /** The inputs that all rows share. */
  get sharedInputs(): readonly Tensor[] {
    return this.first.inputs.slice(rowInputs(this.first));
  }
}

/** `count` rows of a tensor or of a bundle, from `first` on. */
export interface Rows<Of extends Tensor | Bundle = Tensor | Bundle> {
  readonly of: Of;
  readonly first: number;
  readonly count: number;
}

/** Tensors whose rows follow each other in one tensor or bundle, and those rows. */
export interface Run {
  readonly tensors: readonly Tensor[];
  readonly rows: Rows;
}

/** True if some rows are missing, so that these have to be cut out. */
export function isPart({ of, count }: Rows): boolean {
  return count < (of instanceof Bundle ? of.rowCount : rowCount(of));
}

/** True if b begins where a ends. */
export function areNeighbours(a: Rows, b: Rows): boolean {
  return a.of === b.of && a.first + a.count === b.first;
}

/** The bundles made until now. A node is in at most one. */
export class Bundles {
  readonly #origins = new Map<Tensor, Rows<Tensor>>();
  readonly #places = new Map<Tensor, Rows<Bundle>>();

  /** `order` has each node after its inputs. */
  constructor(order: readonly Tensor[]) {
    for (const node of order) this.#origins.set(node, this.#findOrigin(node));
  }

  #findOrigin(node: Tensor): Rows<Tensor> {
    const count = rowCount(node);
    if (!isSliceOfRows(node)) return { of: node, first: 0, count };
    const { of, first } = this.#origins.get(node.inputs[0]!)!;
    return { of, first: first + firstRow(node), count };
  }

  /** True if there is no bundle. */
  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** Makes a bundle. */
  add(bundle: Bundle): void {
    let first = 0;
    for (const member of bundle.members) {
      const count = rowCount(member);
      this.#places.set(member, { of: bundle, first, count });
      first += count;
    }
  }

  /** Takes a bundle apart. */
  remove(bundle: Bundle): void {
    for (const member of bundle.members) this.#places.delete(member);
  }

  /** The bundle that a node is in. */
  of(node: Tensor): Bundle | undefined {
    return this.#places.get(node)?.of;
  }

  /** The tensor from which a slice of rows, or a slice of such a slice, is cut; any other tensor itself. */
  originOf(node: Tensor): Tensor {
    return this.#origins.get(node)!.of;
  }

  /** The place of a tensor's rows. */
  rowsOf(node: Tensor): Rows {
    const origin = this.#origins.get(node)!;
    const place = this.#places.get(origin.of);
    return place === undefined ? origin : { of: place.of, first: place.first + origin.first, count: origin.count };
  }

  /** The tensors, in their order, in the fewest runs. */
  runsOf(tensors: readonly Tensor[]): readonly Run[] {
    const runs: { tensors: Tensor[]; rows: Rows }[] = [];
    for (const tensor of tensors) {
      const rows = this.rowsOf(tensor);
      const last = runs.at(-1);
      if (last === undefined || !areNeighbours(last.rows, rows)) {
        runs.push({ tensors: [tensor], rows });
      } else {
        last.tensors.push(tensor);
        last.rows = { ...last.rows, count: last.rows.count + rows.count };
      }
    }
    return runs;
  }

  /**
   * The nodes that must be computed before a node. A bundle's first member needs the inputs of all members; the other
   * members need the first one.
   */
  readonly inputsOf = (node: Tensor): readonly Tensor[] => {
    const bundle = this.of(node);
    if (bundle === undefined) return node.inputs;
    return node === bundle.first ? bundle.members.flatMap(({ inputs }) => inputs) : [bundle.first];
  };
}
