import { checkOptionNames } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { leakyReluGrad } from "./gradients/leaky-relu-grad.ts";

/** The slope for x < 0, finite. */
export interface LeakyReluAttributes {
  readonly slope: number;
}

export const leakyReluOp: OpDefinition<LeakyReluAttributes, 1> = {
  name: "leakyRelu",
  rows: 1,
  zeros: "few",
  shape([x], { slope }) {
    if (!Number.isFinite(slope)) throw new ArgumentError(`leakyRelu: slope ${slope} is not a finite number`);
    return x;
  },
  gradient: (dy, [x], { slope }) => [leakyReluGrad(dy, x, slope)],
  lower(emit, y, [x], { slope }) {
    emit.inPlace(y, x);
    emit.call("leakyRelu", [y, x, slope], y.size);
  },
  cases: [{ inputs: [[3, 5]], attributes: { slope: 0.2 }, kinks: [0] }],
};

/**
 * y = x where x > 0, else slope·x, element by element.  dx = dy or slope·dy. (Maas et al. 2013)
 * @throws ArgumentError for a slope that is not finite.
 */
export function leakyRelu(x: Tensor, options: Partial<LeakyReluAttributes> = {}): Tensor {
  checkOptionNames("leakyRelu", options, ["slope"]);
  return apply(leakyReluOp, [x], { slope: options.slope ?? 0.2 });
}
