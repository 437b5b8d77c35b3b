// Which nodes are to become one, and where each one's rows are found then.
import type { Tensor } from "../../../graph/tensor.ts";
import { rowInputs } from "./row-wise.ts";
import { firstRow, isSliceOfRows, rowCount } from "./rows.ts";

/** Nodes that do the same to rows of their own. They become one node: the first one's rows, then the second's, … */
export class Bundle {
  readonly members: readonly Tensor[];
  /** Rows of all members together. */
  readonly rowCount: number;

  constructor(members: readonly Tensor[]) {
    this.members = members;
    this.rowCount = members.reduce((sum, member) => sum + rowCount(member), 0);
  }

  /** The member in whose place the one node is computed. */
  get first(): Tensor {
    return this.members[0]!;
  }

  /** For each input that gives rows: what it is for each of the members. */
  get rowInputs(): readonly (readonly Tensor[])[] {
    const inputs = this.first.inputs.slice(0, rowInputs(this.first));
    return inputs.map((_, i) => this.members.map((member) => member.inputs[i]!));
  }

  /** The inputs that all rows share. */
  get sharedInputs(): readonly Tensor[] {
    return this.first.inputs.slice(rowInputs(this.first));
  }
}

/** Some rows of a tensor or of a bundle: `count` of them, from `first` on. */
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

/** Whether some rows are missing, so that these have to be cut out. */
export function isPart({ of, count }: Rows): boolean {
  return count < (of instanceof Bundle ? of.rowCount : rowCount(of));
}

/** Whether b begins where a ends. */
export function areNeighbours(a: Rows, b: Rows): boolean {
  return a.of === b.of && a.first + a.count === b.first;
}

/** The bundles that are made so far. A node is in one at most. */
export class Bundles {
  readonly #origins = new Map<Tensor, Rows<Tensor>>();
  readonly #places = new Map<Tensor, Rows<Bundle>>();

  /** For these nodes, each of which comes after its inputs. */
  constructor(order: readonly Tensor[]) {
    for (const node of order) this.#origins.set(node, this.#findOrigin(node));
  }

  #findOrigin(node: Tensor): Rows<Tensor> {
    const count = rowCount(node);
    if (!isSliceOfRows(node)) return { of: node, first: 0, count };
    const { of, first } = this.#origins.get(node.inputs[0]!)!;
    return { of, first: first + firstRow(node), count };
  }

  /** Whether there is none. */
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

  /** What a slice of rows, or a slice of such a slice, is cut from; any other tensor itself. */
  originOf(node: Tensor): Tensor {
    return this.#origins.get(node)!.of;
  }

  /** Where a tensor's rows are found. */
  rowsOf(node: Tensor): Rows {
    const origin = this.#origins.get(node)!;
    const place = this.#places.get(origin.of);
    return place === undefined ? origin : { of: place.of, first: place.first + origin.first, count: origin.count };
  }

  /** The tensors, in their order, as few runs. */
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
   * What has to be computed before a node: before a bundle's first member the inputs of all, before the others the
   * first.
   */
  readonly inputsOf = (node: Tensor): readonly Tensor[] => {
    const bundle = this.of(node);
    if (bundle === undefined) return node.inputs;
    return node === bundle.first ? bundle.members.flatMap(({ inputs }) => inputs) : [bundle.first];
  };
}
