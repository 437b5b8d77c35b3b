import type { Tensor } from "../../src/engine/graph/tensor.ts";

/** The additional work of an operation, as its attributes may name it. */
interface Joined {
  readonly bias?: true;
  readonly relu?: true;
  readonly pool?: object;
  readonly through?: object;
  readonly accumulate?: true;
  readonly sparse?: string;
}

/** A node's operation with all that has joined it: "conv2d, bias, relu, pool", "matMul, zeros of a". */
export function operationText({ operation, attributes }: Pick<Tensor, "operation" | "attributes">): string {
  const { bias, relu, pool, through, accumulate, sparse } = attributes as Joined;
  const joined = Object.entries({ bias, relu, pool, "through pool": through, accumulate }).filter(([, value]) => value);
  const zeros = sparse === undefined ? [] : [`zeros of ${sparse}`];
  return [operation.name, ...joined.map(([name]) => name), ...zeros].join(", ");
}
