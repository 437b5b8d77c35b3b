import { afterEach, expect, test, vi } from "vitest";
import { compile, Graph, nn, ops, optim } from "../../src/index.ts";
import { instantiateKernels, type Kernels } from "../../src/engine/runtime/kernels.ts";
import { TileProbe } from "../../src/engine/runtime/tile-probe.ts";
import { Session } from "../../src/engine/session/session.ts";

afterEach(() => vi.restoreAllMocks());

/** A training step of a small network, and the loss it gives. */
async function training(threads: number): Promise<{ session: Session; step: () => number | Float32Array }> {
  const graph = new Graph();
  const x = graph.placeholder("x", [30, 70]);
  const y = nn.dense(ops.relu(nn.dense(x, "a", 40)), "b", 30);
  const loss = nn.meanSquaredError(y, x.graph.placeholder("wanted", [30, 30]));
  const update = optim.adam({ name: "adam", learningRate: 0.01 }).minimize(loss, [...graph.variables.values()]);
  const session = await compile(graph, { threads });
  const ones = (size: number): Float32Array => new Float32Array(size).fill(1);
  return { session, step: () => session.run({ loss, update }, { x: ones(2100), wanted: ones(900) }).loss };
}

test.each([1, 2])("a change of tiles in the middle of a training changes no bit, %i threads", async (threads) => {
  const [changing, plain] = [await training(threads), await training(threads)];
  const reference = Array.from({ length: 6 }, () => plain.step());
  const losses = [changing.step(), changing.step()];
  vi.spyOn(TileProbe.prototype, "choose").mockReturnValueOnce(true);
  const tiles = vi.spyOn(TileProbe.prototype, "tiles", "get").mockReturnValue("wide");
  const { memoryBytes } = changing.session;
  losses.push(changing.step(), changing.step(), changing.step(), changing.step());
  expect(tiles).toHaveBeenCalled();
  expect(losses).toEqual(reference);
  expect(changing.session.memoryBytes).toBe(memoryBytes);
  changing.session.dispose();
  plain.session.dispose();
});

test("products move to the wide kernels when the probe says so, and not before", async () => {
  const { kernels, memory } = await instantiateKernels();
  const calls = { gemm: 0, gemmWide: 0 };
  const counted = (name: "gemm" | "gemmWide"): Kernels["gemm"] => {
    return (...args) => {
      calls[name]++;
      kernels[name](...args);
    };
  };
  const counting = { ...kernels, gemm: counted("gemm"), gemmWide: counted("gemmWide") };
  const graph = new Graph();
  const y = nn.dense(graph.placeholder("x", [2, 3]), "a", 4);
  const session = new Session(graph, { kernels: counting, memory }, { seed: 7, rewrites: {} });
  const before = session.run({ y }, { x: [1, 2, 3, 4, 5, 6] });
  expect(calls).toEqual({ gemm: 1, gemmWide: 0 });
  vi.spyOn(TileProbe.prototype, "choose").mockReturnValueOnce(true);
  vi.spyOn(TileProbe.prototype, "tiles", "get").mockReturnValue("wide");
  expect(session.run({ y }, { x: [1, 2, 3, 4, 5, 6] })).toEqual(before);
  expect(calls).toEqual({ gemm: 1, gemmWide: 1 });
  session.dispose();
});
