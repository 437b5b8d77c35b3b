import { describe, expect, it } from "vitest";
import { nameOf } from "../../bench/benchmark.ts";
import { LIMIT_KERNEL } from "../../bench/limit.ts";
import type { Budget } from "../../bench/measure.ts";
import { allBenchmarks } from "../../bench/operations/index.ts";
import { breakdownLines, ganLines, reportJson, tableHead, workloadLine, type Report } from "../../bench/report.ts";
import { runBenchmarks, type Result } from "../../bench/run.ts";
import { Workbench } from "../../bench/workbench.ts";
import { instantiateKernels } from "../../src/runtime/kernels.ts";

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
    const results = await tinyRun("matMul D.fc2", "conv2d G.conv2", "conv2dInputGrad G.conv2", "copy D.conv1");
    const figures = Object.fromEntries(results.map(({ workload, figures }) => [workload.name, figures]));
    const gflops = (flops: number): object => ({ ms: 0.25, gflops: flops / 250_000, limitGflops: 40 });
    const bandwidth = (floats: number): object => ({ ms: 0.25, gigabytesPerSecond: (4 * floats) / 250_000 });
    expect(figures).toEqual({
      "matMul D.fc2": gflops(2 * 50 * 1024),
      "matMul D.fc2/packPanels": bandwidth(1024 + 16 * 1024),
      "matMul D.fc2/gemm": gflops(2 * 50 * 1024),
      "conv2d G.conv2": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2d G.conv2/packPanels": bandwidth(9 * 50 + 9 * 64),
      "conv2d G.conv2/im2col": bandwidth(2 * 50 * 28 * 28 * 9),
      "conv2d G.conv2/gemm": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2/packPanels": bandwidth(9 * 50 + 50 * 16),
      "conv2dInputGrad G.conv2/gemm": gflops(2 * 50 * 28 * 28 * 9 * 50),
      "conv2dInputGrad G.conv2/col2im": bandwidth(50 * (28 * 28 * 9 + 56 * 56)),
      "copy D.conv1": bandwidth(2 * 50 * 28 * 28 * 32),
    });
  });

  it("prints aligned lines", async () => {
    const results = await tinyRun("matMul D.fc2", "copy D.conv1");
    const lines = results.map(({ workload, figures }) => workloadLine(workload.label, figures));
    const end = (line: string, column: string): number => line.indexOf(column) + column.length;
    expect(lines[0]).toMatch(/^matMul D\.fc2 \[50,1024\] \[1024,1\] +0\.250 +0\.410 +1 %$/);
    expect(lines[1]).toMatch(/^ {2}packPanels +0\.250 +0\.279$/);
    expect(lines[3]).toMatch(/^copy D\.conv1 \[50,28,28,32\] +0\.250 +40\.1$/);
    for (const line of lines) expect(end(line, "0.250")).toBe(end(tableHead, "ms"));
    expect(lines[0]).toHaveLength(end(tableHead, "of limit"));
    expect(lines[3]).toHaveLength(end(tableHead, "GB/s"));
  });

  it("writes what it found as JSON", () => {
    const report: Report = {
      environment: { processor: "a processor", cores: 2, runtime: "Node v20", quick: true },
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
      },
      breakdown: {
        totalMs: 400,
        kernels: { gemm: { calls: 488, ms: 300, flops: 9e9 }, im2col: { calls: 455, ms: 60, flops: 0 } },
        outsideMs: 40,
      },
    };
    expect(JSON.parse(reportJson(report))).toEqual(report);
    expect(ganLines(report.gan!).join("\n")).toContain(
      "memoryBytes after one image 3.0 MiB, after both steps 90.0 MiB",
    );
    const [, gemm, im2col, outside, together] = breakdownLines(report.breakdown!, report.limitGflops);
    expect(gemm).toMatch(/^ {2}gemm ×488 +300 +30\.0 +75 % +75 %$/);
    expect(im2col).toMatch(/^ {2}im2col ×455 +60\.0 +15 %$/);
    expect(outside).toMatch(/^ {2}outside of kernels +40\.0 +10 %$/);
    expect(together).toMatch(/^ {2}together +400 +100 %$/);
  });
});
