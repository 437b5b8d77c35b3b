// One network run on two batches is run once on both as one batch, wherever rows do not mix. Its weights are then read,
// packed and differentiated once:
//
//   p = conv2d(a, w)              p = the first rows of  conv2d(concat(a, b), w)
//   q = conv2d(b, w)              q = the rows after them
//
// What does the same to p and to q reads two neighbouring slices of one tensor, and in its turn is applied to that tensor.
// So a chain grows, until something mixes rows or treats the two differently; in between nobody reads a slice any more.
import { gradientOp } from "../../graph/gradients.ts";
import { placeholderOp } from "../../graph/sources.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { concat, concatOp, type ConcatAttributes } from "../../ops/concat.ts";
import { conv2dOp } from "../../ops/conv2d.ts";
import { matMulOp } from "../../ops/mat-mul.ts";
import { slice, sliceOp, type SliceAttributes } from "../../ops/slice.ts";
import { sameShape, sizeOf, type Shape } from "../../shape.ts";
import { inOrder, rebuild } from "../passes/traverse.ts";
import { applyToRows, rowInputs, rowShape, workOnRows } from "./row-wise.ts";

/** Two nodes that may become one: p's rows, then q's. */
type Pair = readonly [p: Tensor, q: Tensor];

/**
 * Merges chains that begin at a product with weights, each where fewer numbers are then read and written: weights that are
 * read once must outweigh the rows that are copied together where the chain begins and apart where it ends.
 */
export function mergeBatches(roots: readonly Tensor[]): readonly Tensor[] {
  for (const pair of pairs(roots, multipliesWeights)) {
    const merged = grown(merge(roots, pair));
    if (traffic(merged) < traffic(roots)) return mergeBatches(merged);
  }
  return roots;
}

/** Goes on with the chain as far as it gets. */
function grown(roots: readonly Tensor[]): readonly Tensor[] {
  let current = roots;
  for (let pair = nextPair(current); pair !== undefined; pair = nextPair(current)) current = merge(current, pair);
  return current;
}

function nextPair(roots: readonly Tensor[]): Pair | undefined {
  for (const pair of pairs(roots, readsSlices)) if (inputPairs(pair).every(areNeighbours)) return pair;
  return undefined;
}

/** The pairs of candidates that may be merged, in the order of the graph. */
function* pairs(roots: readonly Tensor[], isCandidate: (node: Tensor) => boolean): Generator<Pair, void> {
  const flows = gradientFlows(roots);
  const candidates = inOrder(roots).filter((node) => isCandidate(node) && rowInputs(node) > 0);
  for (const group of groupBy(candidates, workOnRows)) {
    for (const p of group) {
      for (const q of group) {
        const pair: Pair = [p, q];
        if (p !== q && areIndependent(pair) && !flows.some((flow) => isUneven(flow, pair))) yield pair;
      }
    }
  }
}

function groupBy(nodes: readonly Tensor[], keyOf: (node: Tensor) => string): Iterable<readonly Tensor[]> {
  const groups = new Map<string, Tensor[]>();
  for (const node of nodes) {
    const key = keyOf(node);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups.values();
}

/** A product of rows with what no feed has a part in. */
function multipliesWeights(node: Tensor): boolean {
  if (!node.isResultOf(conv2dOp) && !node.isResultOf(matMulOp)) return false;
  return !inOrder([node.inputs[1]!]).some((source) => source.isResultOf(placeholderOp));
}

function readsSlices(node: Tensor): boolean {
  return node.inputs.slice(0, rowInputs(node)).every((input) => input.isResultOf(sliceOp));
}

/** What gives p its rows, beside what gives q its rows. */
function inputPairs([p, q]: Pair): Pair[] {
  return p.inputs.slice(0, rowInputs(p)).map((input, i) => [input, q.inputs[i]!]);
}

/** Whether neither of the two is computed from the other. */
function areIndependent([p, q]: Pair): boolean {
  const [earlier, later] = p.id < q.id ? [p, q] : [q, p];
  const seen = new Set([later]);
  for (const node of seen) {
    // A set is walked in the order in which it grows; what came before `earlier` does not read it.
    for (const input of node.inputs) if (input.id >= earlier.id) seen.add(input);
  }
  return !seen.has(earlier);
}

/**
 * For each loss of which a gradient is requested, the nodes through which it flows. Where it flows through one of a pair
 * only, merging them would run the other's part of it too, on zeros.
 */
function gradientFlows(roots: readonly Tensor[]): ReadonlySet<Tensor>[] {
  const flows = new Map<Tensor, Set<Tensor>>();
  for (const { inputs } of inOrder(roots).filter((node) => node.isResultOf(gradientOp))) {
    const [loss, x] = inputs as [Tensor, Tensor];
    flows.set(loss, (flows.get(loss) ?? new Set()).add(x));
  }
  for (const [loss, flow] of flows) {
    for (const node of inOrder([loss])) if (node.inputs.some((input) => flow.has(input))) flow.add(node);
  }
  return [...flows.values()];
}

/** Whether a gradient flows through one of the two only, or into one of the two only. */
function isUneven(flow: ReadonlySet<Tensor>, pair: Pair): boolean {
  return [pair, ...inputPairs(pair)].some(([a, b]) => flow.has(a) !== flow.has(b));
}

/** Puts slices of one node in the place of both. */
function merge(roots: readonly Tensor[], pair: Pair): Tensor[] {
  const [p, q] = pair;
  const shared = p.inputs.slice(rowInputs(p));
  const both = applyToRows(p, [...inputPairs(pair).map(joined), ...shared]);
  const [pRows, qRows] = [rowsOf(p), rowsOf(q)];
  return rebuild(roots, (node) => {
    if (node === p) return rowsFrom(both, 0, pRows);
    if (node === q) return rowsFrom(both, pRows, qRows);
    const source = node.inputs[0];
    // A slice of p is cut from the new node itself, so that slices of slices do not pile up.
    if (!isSliceOfRows(node) || (source !== p && source !== q)) return undefined;
    return rowsFrom(both, firstRow(node) + (source === p ? 0 : pRows), rowsOf(node));
  });
}

/** a's rows and then b's, as one tensor. */
function joined([a, b]: Pair): Tensor {
  if (areNeighbours([a, b])) return rowsFrom(a.inputs[0]!, firstRow(a), rowsOf(a) + rowsOf(b));
  const partsOf = (x: Tensor): readonly Tensor[] =>
    x.isResultOf(concatOp) && (x.attributes as ConcatAttributes).axis === 0 ? x.inputs : [x];
  return concat([...partsOf(a), ...partsOf(b)], 0);
}

/** Whether a's rows end where b's begin, in one tensor. */
function areNeighbours([a, b]: Pair): boolean {
  if (!isSliceOfRows(a) || !isSliceOfRows(b)) return false;
  return a.inputs[0] === b.inputs[0] && firstRow(a) + rowsOf(a) === firstRow(b);
}

/** Whether this is a slice of whole rows. */
function isSliceOfRows(node: Tensor): boolean {
  return node.isResultOf(sliceOp) && sameShape(rowShape(node), rowShape(node.inputs[0]!));
}

function firstRow(slice: Tensor): number {
  return (slice.attributes as SliceAttributes).begin[0]!;
}

function rowsOf({ shape }: Tensor): number {
  return (shape as Shape)[0]!;
}

function rowsFrom(x: Tensor, first: number, count: number): Tensor {
  const row = rowShape(x);
  return count === rowsOf(x) ? x : slice(x, [first, ...row.map(() => 0)], [count, ...row]);
}

/** How many numbers are read and written to compute the roots; a slice reads no more than it writes. */
function traffic(roots: readonly Tensor[]): number {
  const tensors = inOrder(roots).flatMap((node) => [node, ...(node.isResultOf(sliceOp) ? [node] : node.inputs)]);
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape as Shape), 0);
}
