import { afterEach, describe, expect, test, vi } from "vitest";
import { instantiateKernels, type Kernels } from "../../src/engine/runtime/kernels.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import { TileProbe } from "../../src/engine/runtime/tile-probe.ts";
import { kernelIn, type Tiles } from "../../src/engine/runtime/tiles.ts";

/** Milliseconds that a product takes in a made-up engine: before it is optimized, and after. */
type Speeds = Readonly<Record<"gemm" | "gemmWide", readonly [before: number, after: number]>>;

/** A probe in an engine of these speeds, whose clock goes on only while a kernel runs or time passes. */
async function probeWith(speeds: Speeds, given?: Tiles): Promise<{ probe: TileProbe; pass: (ms: number) => void }> {
  let now = 0;
  let optimized = false;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const instance = await instantiateKernels();
  const timed = (name: "gemm" | "gemmWide"): Kernels["gemm"] => {
    return (...args) => {
      instance.kernels[name](...args);
      now += speeds[name][optimized ? 1 : 0];
    };
  };
  const kernels = { ...instance.kernels, gemm: timed("gemm"), gemmWide: timed("gemmWide") };
  const pass = (ms: number): void => {
    now += ms;
    optimized = true;
  };
  return { probe: new TileProbe(kernels, new Memory(instance.memory), given), pass };
}

describe("TileProbe", () => {
  afterEach(() => vi.restoreAllMocks());

  test("takes wide tiles where they are faster, however slow they were before they were optimized", async () => {
    const { probe, pass } = await probeWith({ gemm: [0.1, 0.05], gemmWide: [0.3, 0.03] });
    expect([probe.choose(), probe.tiles]).toEqual([false, "plain"]);
    probe.warmUp();
    expect([probe.choose(), probe.tiles]).toEqual([false, "plain"]);
    pass(1000);
    expect([probe.choose(), probe.tiles]).toEqual([true, "wide"]);
    expect([probe.choose(), probe.tiles]).toEqual([false, "wide"]);
  });

  test.each([
    ["are slower", { gemm: [0.3, 0.03], gemmWide: [0.1, 0.05] }],
    ["are as fast", { gemm: [0.125, 0.0625], gemmWide: [0.125, 0.0625] }],
    ["cannot be timed by a coarse clock", { gemm: [0, 0], gemmWide: [0, 0] }],
  ] satisfies [string, Speeds][])("stays with plain tiles where wide ones %s", async (_, speeds) => {
    const { probe, pass } = await probeWith(speeds);
    probe.warmUp();
    pass(1000);
    expect([probe.choose(), probe.tiles]).toEqual([false, "plain"]);
    pass(1e6);
    expect(probe.choose()).toBe(false);
  });

  test.each(["plain", "wide"] as const)("measures nothing where the tiles are given: %s", async (given) => {
    const { probe, pass } = await probeWith({ gemm: [9, 9], gemmWide: [9, 9] }, given);
    probe.warmUp();
    pass(1000);
    expect([probe.choose(), probe.tiles]).toEqual([false, given]);
    expect(performance.now()).toBe(1000);
  });

  test("names kernels that are there, in pairs", async () => {
    const { kernels } = await instantiateKernels();
    const names = Object.keys(kernels) as (keyof Kernels)[];
    expect(names.filter((name) => kernelIn("plain", name) !== name)).toEqual([]);
    const wide = names.filter((name) => kernelIn("wide", name) !== name).map((name) => kernelIn("wide", name));
    expect(wide).toEqual(names.filter((name) => name.endsWith("Wide")));
  });
});
