import type { Tensor } from "../../graph/tensor.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { addAt, addAtOp, type AddAtAttributes } from "../../ops/fused/add-at.ts";
import { padOp, type PadAttributes } from "../../ops/slice.ts";
import { sameShape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** A block of numbers, and where it belongs in a tensor that is zero elsewhere. */
interface Patch {
  readonly values: Tensor;
  readonly begin: readonly number[];
}

/**
 * A sum with a term that is a small block among zeros (the gradient of a slice) becomes an addition of the block alone,
 * where it belongs: the zeros are neither written nor added. Adding them would turn −0 into +0. Whether it applies is a
 * function of the graph alone, not of who else reads the terms, so a run's bits do not change with what else is
 * fetched.
 */
export const accumulateSlices: Rewrite = ({ node, successor }) => {
  if (!node.isResultOf(addOp)) return undefined;
  const [a, b] = node.inputs.map(successor) as [Tensor, Tensor];
  if (!sameShape(a.shape, b.shape)) return undefined;
  const ofB = patchesOf(b);
  if (ofB !== undefined) return added(a, ofB);
  const ofA = patchesOf(a);
  return ofA && added(b, ofA);
};

function added(x: Tensor, patches: readonly Patch[]): Tensor {
  return patches.reduce((sum, { values, begin }) => addAt(sum, values, begin), x);
}

/** The blocks of a tensor that is nothing but blocks among zeros. */
function patchesOf(x: Tensor): readonly Patch[] | undefined {
  const patches: Patch[] = [];
  let under = x;
  // There may be thousands, as many as a recurrent network has steps.
  while (under.isResultOf(addAtOp)) {
    const [base, values] = under.inputs as [Tensor, Tensor];
    patches.push({ values, begin: (under.attributes as AddAtAttributes).begin });
    under = base;
  }
  if (!under.isResultOf(padOp)) return undefined;
  const { paddings, value } = under.attributes as PadAttributes;
  if (value !== 0) return undefined;
  return [{ values: under.inputs[0]!, begin: paddings.map(([before]) => before) }, ...patches.reverse()];
}
