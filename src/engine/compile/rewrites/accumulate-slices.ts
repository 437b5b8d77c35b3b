import type { Tensor } from "../../graph/tensor.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { addAt, addAtOp } from "../../ops/add-at.ts";
import { padOp } from "../../ops/slice.ts";
import { sameShape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** A block of numbers, and its place in a tensor that is zero elsewhere. */
interface Patch {
  readonly values: Tensor;
  readonly begin: readonly number[];
}

/**
 * A sum with a term that is a small block among zeros (the gradient of a slice) becomes an addition of the block alone,
 * at its place: the zeros are neither written nor added. Adding them would turn −0 into +0. The rewrite looks at the
 * graph alone and not at other readers of the terms, so a run's bits do not change with what else is fetched.
 */
export const accumulateSlices: Rewrite = ({ node, successor }) => {
  const sum = node.match(addOp);
  if (sum === undefined) return undefined;
  const [a, b] = [successor(sum.inputs[0]), successor(sum.inputs[1])];
  if (!sameShape(a.shape, b.shape)) return undefined;
  const ofB = patchesOf(b);
  if (ofB !== undefined) return added(a, ofB);
  const ofA = patchesOf(a);
  return ofA && added(b, ofA);
};

function added(x: Tensor, patches: readonly Patch[]): Tensor {
  return patches.reduce((sum, { values, begin }) => addAt(sum, values, begin), x);
}

/** The blocks of a tensor that consists only of blocks among zeros. */
function patchesOf(x: Tensor): readonly Patch[] | undefined {
  const patches: Patch[] = [];
  let under = x;
  // There may be thousands of them: one for each step of a recurrent network.
  for (let sum = under.match(addAtOp); sum !== undefined; sum = under.match(addAtOp)) {
    const [base, values] = sum.inputs;
    patches.push({ values, begin: sum.attributes.begin });
    under = base;
  }
  const padded = under.match(padOp);
  if (padded?.attributes.value !== 0) return undefined;
  const begin = padded.attributes.paddings.map(([before]) => before);
  return [{ values: padded.inputs[0], begin }, ...patches.reverse()];
}
