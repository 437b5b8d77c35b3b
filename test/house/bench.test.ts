import { describe, expect, it } from "vitest";
import { countAllocations } from "../../bench/allocation.ts";
import { nameOf, placedIn } from "../../bench/benchmark.ts";
import { breakDown } from "../../bench/breakdown.ts";
import { LIMIT_KERNEL } from "../../bench/limit.ts";
import type { Budget } from "../../bench/measure.ts";
import { allBenchmarks } from "../../bench/operations/index.ts";
import { paceFor } from "../../bench/pace.ts";
import * as lines from "../../bench/report-lines.ts";
import { FORMAT, reportJson, type Report } from "../../bench/report.ts";
import { runBenchmarks, type Result } from "../../bench/run.ts";
import { Workbench } from "../../bench/workbench.ts";
import { instantiateKernels } from "../../src/engine/runtime/kernels.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import type { Tiles } from "../../src/engine/runtime/tiles.ts";

const NO_BUDGET: Budget = { warmUpMs: 0, measureMs: 0, samples: 0 };

/** Runs benchmarks for real, once, and says that each took a quarter of a millisecond. */
async function tinyRun(...names: string[]): Promise<Result[]> {
  const benchmarks = allBenchmarks.filter((benchmark) => names.includes(nameOf(benchmark)));
  expect(benchmarks).toHaveLength(names.length);
  const measure = (run: () => void): { ms: number; limitGflops: number } => {
    run();
    return { ms: 0.25, limitGflops: 40 };
  };
  const budgets = { whole: NO_BUDGET, part: NO_BUDGET };
  return [...runBenchmarks(await Workbench.create(), benchmarks, measure, budgets)];
}

describe("npm run bench", () => {
  it("times every kernel", async () => {
    const workbench = await Workbench.create();
    const timed = new Set([LIMIT_KERNEL, ...allBenchmarks.flatMap((benchmark) => workbench.kernelsOf(benchmark))]);
    const { kernels } = await instantiateKernels();
    expect([...timed].sort()).toEqual(Object.keys(kernels).sort());
  });

  it("calls no two benchmarks the same", () => {
    const names = allBenchmarks.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
  });

  it("counts flops and bytes", async () => {
    const fused = "conv2dReluPoolInputGrad D.conv2 of 100";
    const results = await tinyRun("matMul D.fc2", "conv2d G.conv2", "conv2dInputGrad G.conv2", fused, "copy D.conv1");
    const figures = Object.fromEntries(results.map(({ workload, figures }) => [workload.name, figures]));
    const gflops = (flops: number): object => ({ ms: 0.25, gflops: flops / 250_000, limitGflops: 40 });
    const bandwidth = (floats: number): object => ({ ms: 0.25, gigabytesPerSecond: (4 * floats) / 250_000 });
    // 14×14 outputs are one tile: 382 products for each pair of channels.
    expect(figures).toEqual({
      "matMul D.fc2": gflops(2 * 50 * 1024),
      "conv2d G.conv2": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2d G.conv2/packPanels": bandwidth(9 * 50 + 9 * 64),
      "conv2d G.conv2/im2col": bandwidth(2 * 50 * 28 * 28 * 9),
      "conv2d G.conv2/gemm": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2/packPanels": bandwidth(9 * 50 + 50 * 16),
      "conv2dInputGrad G.conv2/gemm": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2/col2im": bandwidth(50 * (28 * 28 * 9 + 56 * 56)),
      [fused]: gflops(2 * 100 * 14 * 14 * 25 * 32 * 64),
      [`${fused}/flipFilter`]: bandwidth(2 * 25 * 32 * 64),
      [`${fused}/filterMagnitudes`]: bandwidth(25 * 32 * 64 + 3 * 32),
      [`${fused}/fftFilter`]: bandwidth(25 * 32 * 64 + 382 * 32 * 64),
      [`${fused}/maskedAvgPoolGrad`]: bandwidth(100 * (14 * 14 * 64 + 7 * 7 * 64 + 14 * 14 * 2)),
      [`${fused}/windowMagnitudes`]: bandwidth(100 * 14 * 14 * (64 + 1 + 2)),
      [`${fused}/fftInput`]: bandwidth(100 * 14 * 14 * 64 + 100 * 382 * 64),
      [`${fused}/gemm`]: gflops(2 * 100 * 382 * 32 * 64),
      [`${fused}/fftOutput`]: bandwidth(100 * 14 * 14 * 32 + 100 * 382 * 32),
      "copy D.conv1": bandwidth(2 * 50 * 28 * 28 * 32),
    });
  });

  it("times operations in the tiles of the engine, and kernels that are named as they are", async () => {
    const kernelsIn = async (name: string, tiles: Tiles): Promise<string[]> => {
      const memory = new Memory((await instantiateKernels()).memory);
      const [benchmark] = allBenchmarks.filter((benchmark) => nameOf(benchmark) === name);
      return placedIn(memory, benchmark!, tiles).stepsOf(0, 0).flat().map(({ kernel }) => kernel); // prettier-ignore
    };
    expect(await kernelsIn("conv2d G.conv2", "plain")).toContain("gemm");
    expect(await kernelsIn("conv2d G.conv2", "wide")).toContain("gemmWide");
    expect(await kernelsIn("gemm 512³", "wide")).toEqual(["gemm"]);
  });

  it("times the GAN once its tiles are chosen", () => {
    for (const quick of [false, true]) {
      const { iteration, batch, threads } = paceFor("wide", quick);
      for (const { warmUpMs } of [iteration, batch, threads]) expect(warmUpMs).toBeGreaterThanOrEqual(1300);
      expect(paceFor("wide", quick).whole).toEqual(paceFor("plain", quick).whole);
    }
  });

  it("prints aligned lines", async () => {
    const results = await tinyRun("matMul G.fc", "copy D.conv1");
    const printed = results.map(({ workload, figures }) => lines.workloadLine(workload.label, figures));
    const end = (line: string, column: string): number => line.indexOf(column) + column.length;
    expect(printed[0]).toMatch(/^matMul G\.fc \[50,100\] \[100,3136\] +0\.250 +125 +314 %$/);
    expect(printed[1]).toMatch(/^ {2}packPanels +0\.250 +10\.0$/);
    expect(printed[3]).toMatch(/^copy D\.conv1 \[50,28,28,32\] +0\.250 +40\.1$/);
    for (const line of printed) expect(end(line, "0.250")).toBe(end(lines.tableHead, "ms"));
    expect(printed[0]).toHaveLength(end(lines.tableHead, "of limit"));
    expect(printed[3]).toHaveLength(end(lines.tableHead, "GB/s"));
  });

  it("prints and writes what it found of the GAN", () => {
    const report: Report = {
      format: FORMAT,
      environment: {
        date: "2026-11-23",
        version: "0.1.0",
        processor: "a processor",
        cores: 2,
        platform: "linux x64",
        runtime: "Node v20",
        v8: "11.3",
        flags: "",
        threads: 1,
        quick: true,
      },
      limitGflops: 40,
      workloads: { "copy D.conv1": { ms: 0.25, gigabytesPerSecond: 40 } },
      gan: {
        iterationMs: 400,
        discriminatorStepMs: 250,
        generatorStepMs: 150,
        iterationWallMs: 410,
        generateOneMs: 0.5,
        firstImageMs: 60,
        memoryBytesAfterGenerate: 3 * 2 ** 20,
        memoryBytesAfterSteps: 90 * 2 ** 20,
        memoryBytesAfterPretraining: 140 * 2 ** 20,
      },
      allocation: { steps: 50, typedArrays: 0, wasmBytes: 0, plannedBytes: 0 },
      breakdown: {
        wholeMs: 400,
        kernelsMs: 360,
        kernels: { gemm: { calls: 488, ms: 300, flops: 9e9 }, im2col: { calls: 455, ms: 60, flops: 0 } },
      },
      batchSizes: { 1: { ms: 20, memoryBytes: 2 ** 20 } },
      threads: { 1: 400, 2: 220 },
    };
    expect(JSON.parse(reportJson(report))).toEqual(report);
    expect(lines.ganLines(report.gan!).at(-1)).toBe(
      "memoryBytes after one image 3.0 MiB, after both steps 90.0 MiB, with pre-training too 140.0 MiB",
    );
    expect(lines.allocationLine(report.allocation!)).toMatch(/^allocated by 50 steps: none/);
    expect(lines.allocationLine({ ...report.allocation!, typedArrays: 3 })).toMatch(/SOME \(3 typed arrays/);
    const [, gemm, im2col, kernels, whole] = lines.breakdownLines(report.breakdown!, report.limitGflops);
    expect(gemm).toMatch(/^ {2}gemm ×488 +300 +30\.0 +75 % +75 %$/);
    expect(im2col).toMatch(/^ {2}im2col ×455 +60\.0 +15 %$/);
    expect(kernels).toMatch(/^ {2}kernels together +360 +90 %$/);
    expect(whole).toMatch(/^ {2}the iteration, without clocks +400 +100 %$/);
    expect(lines.batchLine(1, report.batchSizes![1]!)).toMatch(/^one iteration, batch 1, 1\.0 MiB +20\.0$/);
    expect(lines.threadsLine(2, 220, 400)).toMatch(/^one iteration, 2 threads, on the wall +220 +0\.55$/);
  });

  it("breaks an iteration down into kernels that add up to it", async () => {
    const { wholeMs, kernelsMs, kernels } = await breakDown(3, 16);
    expect(Object.values(kernels).reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(kernelsMs, 6);
    expect(kernels.adam?.calls, "one for each of the 19 variables, or fewer").toBeLessThanOrEqual(19);
    // d_w3 is read for D's step twice with both batches of 16, and for G's step twice with one; its gradient is a product too.
    const withWeights = 2 * 16 * 3136 * 1024;
    expect(kernels.sparseTimesPanelsTransposed!.flops).toBe(3 * withWeights);
    expect(kernels.transposedTimesSparse!.flops).toBe(2 * withWeights);
    expect(kernels.gemm!.flops).toBeGreaterThan(3 * withWeights);
    // Within 5 % where nothing else runs; here other tests do, and two iterations are few.
    expect(kernelsMs / wholeMs).toBeGreaterThan(0.5);
    expect(kernelsMs / wholeMs).toBeLessThan(1.5);
  });

  it("sees that steps allocate nothing", async () => {
    expect(await countAllocations(2, { batchSize: 1 })).toEqual({
      steps: 2,
      typedArrays: 0,
      wasmBytes: 0,
      plannedBytes: 0,
    });
  });
});
