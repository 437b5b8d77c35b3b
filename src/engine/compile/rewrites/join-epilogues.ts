import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { avgPoolOp } from "../../ops/avg-pool.ts";
import { definitionOf, type EpilogueName } from "../../ops/define-op.ts";
import type { PoolAttributes } from "../../lowering/pool-shape.ts";
import { reluOp } from "../../ops/unary.ts";
import { inputShapes, isMadeOf, type Rewrite, type Site } from "./rewrite.ts";

/** The switches of chains of epilogues. The first or last operation of a chain decides which switch it has. */
export type EpilogueSwitch = "fusePool" | "fuseBias" | "fuseNorm";

/** Epilogues in the order in which they are applied, and the operation that they may join. */
interface Chain {
  readonly operation: Tensor;
  readonly followers: readonly Follower[];
}

/** A node that may be an epilogue of its first input. */
interface Follower {
  readonly epilogue: EpilogueName;
  readonly attribute: PoolAttributes | true;
  readonly bias?: Tensor;
}

/**
 * Epilogues join the operation before them if its definition takes them: avgPool(relu(addBias(conv2d))) becomes one
 * conv2d with a bias, relu and a pool. The tensors between are neither written nor read again.
 *
 * Each node between must have the next one as its only reader. The presence of other readers must change no bit of
 * values or gradients. So an operation that rounds differently with a bias takes the bias even if other nodes read the
 * result without it.
 */
export function joinEpilogues(isOn: (name: EpilogueSwitch) => boolean): Rewrite {
  return (site) => {
    const chain = chainOf(site);
    if (chain === undefined || !isOn(switchOf(chain)) || !mayJoin(chain, site)) return undefined;
    const { operation, followers } = chain;
    const inputs = [...operation.inputs, ...biasesOf(chain)].map(site.successor);
    const attributes = Object.fromEntries(followers.map(({ epilogue, attribute }) => [epilogue, attribute]));
    return apply(operation.operation, inputs, { ...operation.attributes, ...attributes });
  };
}

/** The node with the chain before it, back to an operation that takes exactly these epilogues. */
function chainOf({ node, uses }: Site): Chain | undefined {
  const followers: Follower[] = [];
  for (let next = node; next === node || uses(next) === 1;) {
    const follower = followerOf(next);
    if (follower === undefined) return undefined;
    followers.unshift(follower);
    next = next.inputs[0]!;
    const taken = definitionOf(next)?.epilogues ?? [];
    if (followers.every(({ epilogue }, i) => epilogue === taken[i])) return { operation: next, followers };
  }
  return undefined;
}

/** The switches keep the names of the three rewrites that this one has replaced. */
function switchOf({ followers }: Chain): EpilogueSwitch {
  if (followers.at(-1)!.epilogue === "pool") return "fusePool";
  return followers[0]!.epilogue === "bias" ? "fuseBias" : "fuseNorm";
}

function followerOf(node: Tensor): Follower | undefined {
  if (node.match(reluOp)) return { epilogue: "relu", attribute: true };
  const biased = node.match(addBiasOp);
  if (biased) return { epilogue: "bias", attribute: true, bias: biased.inputs[1] };
  const pooled = node.match(avgPoolOp);
  return pooled && { epilogue: "pool", attribute: pooled.attributes };
}

function biasesOf({ followers }: Chain): readonly Tensor[] {
  return followers.flatMap(({ bias }) => bias ?? []);
}

function mayJoin(chain: Chain, { uses }: Site): boolean {
  const { operation, followers } = chain;
  if (biasesOf(chain).some((bias) => isMadeOf(bias, operation.inputs))) return false;
  const definition = definitionOf(operation);
  const shapes = inputShapes(operation);
  const { attribute } = followers.at(-1)!;
  const isReadOnce = uses(operation) === 1;
  if (attribute !== true) {
    return isReadOnce && definition?.takesPool?.(attribute, shapes, operation.attributes) === true;
  }
  return isReadOnce || definition?.roundsWithBias?.(shapes, operation.attributes) === true;
}
