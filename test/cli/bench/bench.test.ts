import { describe, expect, it } from "vitest";
import { threadCounts } from "../../../src/cli/bench/thread-counts.ts";
import { filesIn, temporaryFolder, wasmGan } from "../command-line.ts";

interface BenchResult {
  readonly type: string;
  readonly version: string;
  readonly processor: string;
  readonly logicalProcessors: number;
  readonly runtime: string;
  readonly limitGflops: number;
  readonly batch: number;
  readonly iterations: readonly { readonly threads: number; readonly seconds: number }[];
  readonly tutorial: { readonly iterations: number; readonly threads: number; readonly seconds: number };
}

describe("wasm-gan bench", () => {
  it("tells the machine's limit, an iteration by threads, the time of the tutorial, and writes nothing", async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await wasmGan(cwd, "bench", "--seconds", "1", "--threads", "2");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^wasm-gan \d+\.\d+\.\d+, Node v\d+\.\d+\.\d+, .+, logical processors: \d+\n/);
    expect(stdout).toMatch(
      /\nThis machine's limit: \d+\.\d GFLOP\/s of multiplications and additions on 128-bit registers, one thread\n/,
    );
    expect(stdout).toMatch(
      /\nthreads +seconds an iteration +of one thread +100,000 iterations\n +1 +[\d.]+ +1\.00 {2}\d+/,
    );
    expect(stdout).toMatch(/\n +2 +[\d.]+ +\d\.\d\d {2}\d/);
    expect(stdout).toMatch(/\nThe tutorial's 100,000 iterations would take \d+ .+ here, with [12] threads?\.\n$/);
    expect(filesIn(cwd)).toEqual([]);
  });

  it("prints one JSON object that agrees with itself", async () => {
    const { code, stdout, stderr } = await wasmGan(temporaryFolder(), "bench", "--seconds=1", "--threads=1", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const { type, limitGflops, batch, iterations, tutorial, logicalProcessors } = JSON.parse(stdout) as BenchResult;
    expect([type, batch, tutorial.iterations, tutorial.threads]).toEqual(["bench", 50, 100_000, 1]);
    expect(logicalProcessors).toBeGreaterThanOrEqual(1);
    expect(limitGflops).toBeGreaterThan(0.1);
    expect(limitGflops).toBeLessThan(1000);
    expect(iterations.map(({ threads }) => threads)).toEqual([1]);
    expect(iterations[0]!.seconds).toBeGreaterThan(0);
    expect(tutorial.seconds).toBeCloseTo(100_000 * iterations[0]!.seconds, 3);
  });

  it("refuses wrong usage with 2 and one line", async () => {
    const cwd = temporaryFolder();
    const wrong: [flags: string[], message: RegExp][] = [
      [["--seconds", "0"], /--seconds.*'0'.*integer from 1 to 600/],
      [["--seconds", "a minute"], /--seconds.*'a minute'.*integer/],
      [["--seconds"], /--seconds.*missing/],
      [["--threads", "0"], /--threads.*'0'.*integer from 1 to 256/],
      [["--threads", "all"], /--threads.*'all'/],
      [["--batch", "10"], /unknown option '--batch'/],
      [["fast"], /too many arguments/],
    ];
    const outcomes = await Promise.all(wrong.map(([flags]) => wasmGan(cwd, "bench", ...flags)));
    outcomes.forEach(({ code, stdout, stderr }, i) => {
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^wasm-gan: [^\n]+\n$/);
      expect(stderr).toMatch(wrong[i]![1]);
    });
  });

  it("has help with examples", async () => {
    const cwd = temporaryFolder();
    const { code, stdout } = await wasmGan(cwd, "bench", "--help");
    expect(code).toBe(0);
    for (const text of [
      "Usage: wasm-gan bench",
      "--threads <",
      "--seconds <",
      "--json",
      "(default: 20)",
      "Examples:",
    ]) {
      expect(stdout).toContain(text);
    }
    expect((await wasmGan(cwd, "--help")).stdout).toMatch(/\n +bench .*measure how fast this machine trains/);
  });
});

describe("the numbers of threads that are tried", () => {
  it("are all of few, and doublings on the way to many", () => {
    expect(threadCounts(1)).toEqual([1]);
    expect(threadCounts(3)).toEqual([1, 2, 3]);
    expect(threadCounts(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(threadCounts(12)).toEqual([1, 3, 6, 12]);
    expect(threadCounts(16)).toEqual([1, 2, 4, 8, 16]);
  });
});
