// Finds the chains of bundles that pay: products of several batches by the same weights, or equal operations on slices
// of one tensor, and the equal operations that follow them.
import type { Tensor } from "../../../graph/tensor.ts";
import { inOrder } from "../../passes/traverse.ts";
import { areNeighbours, Bundle, Bundles } from "./bundles.ts";
import { copiesApart, copiesTogether, nameOf, sizeReadAgain, tensorsAt, trafficOf } from "./chain-traffic.ts";
import { groupBy } from "./group-by.ts";
import { Kinds } from "./kinds.ts";
import { Readers } from "./readers.ts";
import { rowInputs } from "./row-wise.ts";
import { isSliceOfRows, rowCount } from "./rows.ts";

/** A part of a graph, in which chains are looked for. */
interface Region {
  /** The nodes that may be bundled. */
  readonly candidates: ReadonlySet<Tensor>;
  readonly readers: Readers;
}

/**
 * Bundles the nodes of a graph. For each weight that several products read, the work is linear in the size of the
 * graph.
 */
export class Chains {
  readonly bundles: Bundles;
  readonly #kinds: Kinds;
  /** The rows that are copied together so that a bundle of a chain that pays can read them. */
  readonly #made = new Set<string>();

  /** `order` has each node after its inputs. */
  constructor(order: readonly Tensor[]) {
    this.bundles = new Bundles(order);
    this.#kinds = new Kinds(order);
  }

  /**
   * Bundles candidates where that pays for the readers among these nodes; the roots have other readers, too. Rows that
   * were copied together for one chain serve all chains, so the search goes on until it finds nothing more.
   */
  find(candidates: readonly Tensor[], nodes: readonly Tensor[], roots: readonly Tensor[]): void {
    const ofRows = candidates.filter((node) => rowInputs(node) > 0 && !isSliceOfRows(node));
    const region = { candidates: new Set(ofRows), readers: new Readers(nodes, roots, this.bundles) };
    const sliced = new Set(nodes.filter(isSliceOfRows).map((node) => this.bundles.originOf(node)));
    const products = groupBy(
      ofRows.filter((node) => this.#kinds.multipliesWeights(node)),
      (node) => this.#kinds.of(node),
    );
    for (let found = true; found;) {
      found = false;
      for (const x of sliced) if (this.#beginAtSlices(x, region)) found = true;
      for (const group of products) if (this.#beginAtProducts(group, region)) found = true;
    }
  }

  /** Bundles equal operations on neighbouring slices of a tensor. */
  #beginAtSlices(x: Tensor, region: Region): boolean {
    return this.#isFree(x) && this.#keepIfItPays(this.#chainFrom(this.#following([x], region), region), region);
  }

  /** Bundles products by the same weights. */
  #beginAtProducts(group: readonly Tensor[], region: Region): boolean {
    let found = false;
    for (const products of independent(group.filter(this.#isFree), this.bundles)) {
      if (this.#beginAtIndependent(products, region)) found = true;
    }
    return found;
  }

  /**
   * Bundles these products if that pays. Otherwise it tries those with at most half as many rows as the largest, and so
   * on.
   */
  #beginAtIndependent(products: readonly Tensor[], region: Region): boolean {
    let members = products.filter(this.#isFree);
    while (members.length > 1) {
      const start = new Bundle(this.#inRowOrder(members));
      if (this.#keepIfItPays(this.#chainFrom([start], region), region)) return true;
      const most = members.map(rowCount).reduce((a, b) => Math.max(a, b));
      members = members.filter((node) => 2 * rowCount(node) <= most);
    }
    return false;
  }

  readonly #isFree = (node: Tensor): boolean => this.bundles.of(node) === undefined;

  /** The products, grouped by the tensor that gives their rows; a group is sorted by the first row. */
  #inRowOrder(products: readonly Tensor[]): readonly Tensor[] {
    const bySource = groupBy(products, (product) => this.bundles.rowsOf(product.inputs[0]!).of);
    return bySource.flatMap((group) => this.#byFirstRow(group));
  }

  #byFirstRow(nodes: readonly Tensor[]): readonly Tensor[] {
    const firstOf = (node: Tensor): number => this.bundles.rowsOf(node.inputs[0]!).first;
    return [...nodes].sort((a, b) => firstOf(a) - firstOf(b));
  }

  /** Adds bundles, and the bundles that follow from them. */
  #chainFrom(starts: readonly Bundle[], region: Region): readonly Bundle[] {
    const chain: Bundle[] = [];
    for (const waiting = [...starts]; waiting.length > 0;) {
      const bundle = waiting.pop()!;
      this.bundles.add(bundle);
      chain.push(bundle);
      waiting.push(...this.#following(bundle.members, region));
    }
    return chain;
  }

  /**
   * Bundles of equal operations on neighbouring rows. All members of a bundle read the same tensor, so no member reads
   * another.
   */
  #following(tensors: readonly Tensor[], { candidates, readers }: Region): readonly Bundle[] {
    const nodes = new Set(tensors.flatMap((x) => [...readers.ofRows(x)]));
    const free = [...nodes].filter((node) => candidates.has(node) && this.#isFree(node));
    return groupBy(free, (node) => `${this.#kinds.of(node)} of ${this.#sourcesOf(node).join()}`)
      .flatMap((group) => this.#neighbourhoods(this.#byFirstRow(group)))
      .filter(({ length }) => length > 1)
      .map((members) => new Bundle(members));
  }

  /** The names of the tensors that give a node its rows. */
  #sourcesOf(node: Tensor): readonly string[] {
    return node.inputs.slice(0, rowInputs(node)).map((input) => nameOf(this.bundles.rowsOf(input).of));
  }

  /** Splits nodes wherever one's rows do not follow the other's in each of the inputs. */
  #neighbourhoods(nodes: readonly Tensor[]): readonly (readonly Tensor[])[] {
    const split: Tensor[][] = [];
    for (const node of nodes) {
      const last = split.at(-1)?.at(-1);
      if (last !== undefined && this.#follows(last, node)) split.at(-1)!.push(node);
      else split.push([node]);
    }
    return split;
  }

  #follows(a: Tensor, b: Tensor): boolean {
    const { bundles } = this;
    const inputs = a.inputs.slice(0, rowInputs(a));
    return inputs.every((input, i) => areNeighbours(bundles.rowsOf(input), bundles.rowsOf(b.inputs[i]!)));
  }

  /**
   * Keeps a chain if it reads and writes fewer numbers than its nodes do one by one; otherwise takes it apart again.
   */
  #keepIfItPays(chain: readonly Bundle[], { readers }: Region): boolean {
    const tensors = tensorsAt(chain);
    const together = copiesTogether(chain, this.bundles);
    const after = trafficOf([together, copiesApart(tensors, this.bundles, readers)], this.#made);
    for (const bundle of chain) this.bundles.remove(bundle);
    const before = trafficOf([copiesApart(tensors, this.bundles, readers)], this.#made);
    if (after >= before + sizeReadAgain(chain)) return false;
    for (const bundle of chain) this.bundles.add(bundle);
    for (const copy of together.keys()) this.#made.add(copy);
    return true;
  }
}

/**
 * The nodes in lists, such that no node of a list is computed from another one in it. All nodes of a list have the same
 * number of these nodes on the longest path to them. No path leads from a list back to it or to an earlier one, so that
 * all nodes of a list may be bundled.
 */
function independent(nodes: readonly Tensor[], { inputsOf }: Bundles): readonly (readonly Tensor[])[] {
  if (nodes.length < 2) return [];
  const counted = new Set(nodes);
  const levels = new Map<Tensor, number>();
  for (const node of inOrder(nodes, inputsOf)) {
    const most = inputsOf(node).reduce((level, input) => Math.max(level, levels.get(input)!), 0);
    levels.set(node, counted.has(node) ? most + 1 : most);
  }
  return groupBy(nodes, (node) => levels.get(node)).filter(({ length }) => length > 1);
}
