// The bits of a run do not depend on what else it fetches. Several rewrites join operations where no other operation
// reads the tensor in between. A tensor that is fetched as well has one more reader. The rewrites then leave it alone,
// and the bits must be the same as where they join it.
import { beforeAll, describe, expect, test } from "vitest";
import { rewriteNames, type RewriteName } from "../../src/engine/compile/rewrites/index.ts";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { bitsOf } from "../support/bits.ts";
import { operationText } from "../support/operation-text.ts";
import { networks, type Network } from "./fetched-models.ts";
import { valuesFor } from "./merge-samples.ts";
import { compiled } from "./rewritten.ts";

/** All rewrites are on. */
const REWRITES = {};

/** Rewrites that depend on a tensor's other readers, and an operation that each brings in. */
const JOINED: Readonly<Partial<Record<RewriteName, readonly string[]>>> = {
  fusePool: ["conv2d, bias, relu, pool"],
  fuseBias: ["conv2d, bias", "conv2d, bias, relu", "matMul, bias", "matMul, bias, relu"],
  fuseNorm: ["batchNorm, relu"],
  accumulateProducts: ["matMul, accumulate"],
};

type Fetches = Readonly<Record<string, Tensor>>;
type Bits = Readonly<Record<string, Int32Array>>;

/** The loss and all gradients. */
function plainFetches({ loss, gradients }: Network): Fetches {
  return { loss, ...Object.fromEntries(Object.entries(gradients).map(([name, dx]) => [`d ${name}`, dx])) };
}

/** The tensors that are computed between inputs and loss. */
function betweenOf({ loss }: Network): Fetches {
  const nodes = inOrder([loss]).filter((node) => node !== loss && node.inputs.length > 0);
  return Object.fromEntries(nodes.map((node) => [node.toString(), node]));
}

function shapesOf({ batches, weights }: Network): Network["batches"] {
  return { ...batches, ...weights };
}

function nodesOf(network: Network, fetches: Fetches): readonly Tensor[] {
  return compiled(Object.values(fetches), valuesFor(shapesOf(network)), REWRITES);
}

/** The number of results of each operation. */
function operationsOf(network: Network, fetches: Fetches): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of nodesOf(network, fetches).map(operationText)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

test("the networks on patches have all that is joined, and a fetch that parts it", () => {
  expect(networks.length).toBeGreaterThan(8);
  const joins = Object.values(JOINED).flat();
  const parted = new Set<string>();
  for (const network of networks) {
    const plain = plainFetches(network);
    const before = operationsOf(network, plain);
    for (const [name, node] of Object.entries(betweenOf(network))) {
      const after = operationsOf(network, { ...plain, [name]: node });
      for (const join of joins) if ((after.get(join) ?? 0) < (before.get(join) ?? 0)) parted.add(join);
    }
  }
  expect([...parted].sort()).toEqual([...joins].sort());
  for (const name of Object.keys(JOINED)) expect(rewriteNames).toContain(name);
});

describe.each(networks.map((network) => [network.label, network] as const))("%s", (_, network) => {
  const plain = plainFetches(network);
  const between = betweenOf(network);
  let session: Session;
  let wanted: Bits;

  beforeAll(async () => {
    session = await compile(network.loss.graph, { rewrites: REWRITES });
    const values = valuesFor(shapesOf(network));
    for (const name of Object.keys(network.weights)) session.variables.set(name, values[name]!);
    wanted = run(plain);
  });

  function run(fetches: Fetches): Bits {
    const values = valuesFor(shapesOf(network));
    const feeds = Object.fromEntries(Object.keys(network.batches).map((name) => [name, values[name]!]));
    const results = session.run(fetches, feeds) as Readonly<Record<string, number | Float32Array>>;
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, bitsOf(value)]));
  }

  /** The names of the tensors whose bits differ. */
  function different(got: Bits, want: Bits): string[] {
    return Object.keys(want).filter((name) => got[name]!.some((bits, i) => bits !== want[name]![i]));
  }

  test("no gradient is 0 everywhere", () => {
    const isNothing = (bits: Int32Array): boolean => bits.every((word) => (word & 0x7fffffff) === 0);
    // A bias before a norm has no gradient.
    const nothing = Object.keys(wanted).filter((name) => isNothing(wanted[name]!));
    expect(nothing).toEqual(network.label.includes("batch norm") ? ["d b1"] : []);
  });

  test.each(Object.entries(between))("%s fetched too", (name, node) => {
    expect(different(run({ ...plain, [name]: node }), wanted)).toEqual([]);
  });

  test("each fetched alone, and everything together", () => {
    const all = { ...between, ...plain };
    const alone = Object.assign({}, ...Object.entries(all).map(([name, node]) => run({ [name]: node }))) as Bits;
    expect(different(alone, wanted)).toEqual([]);
    expect(different(run(all), alone)).toEqual([]);
  });
});
