import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { comparisonLine, compareReports, lossesOf } from "../../bench/comparison.ts";
import { readReport } from "../../bench/report-file.ts";
import { FORMAT, reportJson, type Report } from "../../bench/report.ts";
import { temporaryFolder } from "../cli/command-line.ts";
import { root } from "../support/packed-package.ts";

const environment: Report["environment"] = {
  date: "2026-11-23",
  version: "0.1.0",
  processor: "a processor",
  cores: 2,
  platform: "linux x64",
  runtime: "Node v20",
  v8: "11.3",
  flags: "",
  threads: 1,
  quick: false,
};

const before: Report = {
  format: FORMAT,
  environment,
  limitGflops: 40,
  workloads: { "matMul 512³": { ms: 8, gflops: 32, limitGflops: 40 }, "copy D.conv1": { ms: 1 }, old: { ms: 1 } },
  allocation: { steps: 50, typedArrays: 0, wasmBytes: 0, plannedBytes: 0 },
  batchSizes: { 50: { ms: 200, memoryBytes: 1e8 } },
  threads: { 1: 200, 2: 110 },
};

/** Half as fast a machine: twice the time is the same. */
const slowMachine: Report = {
  ...before,
  environment: { ...environment, runtime: "Node v26" },
  limitGflops: 20,
  workloads: { "matMul 512³": { ms: 16 }, "copy D.conv1": { ms: 2.4 }, new: { ms: 1 } },
  allocation: { steps: 50, typedArrays: 0, wasmBytes: 65536, plannedBytes: 0 },
  batchSizes: { 50: { ms: 400, memoryBytes: 2e8 } },
  threads: { 1: 400, 2: 176 },
};

describe("two reports", () => {
  const comparisons = compareReports(before, slowMachine);

  it("are compared by what their machines could do, and memory as it is", () => {
    const ratios = Object.fromEntries(comparisons.common.map(({ name, ratio }) => [name, Number(ratio.toFixed(9))]));
    expect(ratios).toEqual({
      "matMul 512³": 1,
      "copy D.conv1": 1.2,
      "GAN allocation typedArrays": 1,
      "GAN allocation wasmBytes": Infinity,
      "GAN allocation plannedBytes": 1,
      "GAN batch 50": 1,
      "GAN batch 50 memoryBytes": 2,
      "GAN threads 1": 1,
      "GAN threads 2": 0.8,
    });
    expect([comparisons.missing, comparisons.added]).toEqual([["old"], ["new"]]);
  });

  it("differ in losses by the threshold", () => {
    const lost = (threshold: number): string[] => lossesOf(comparisons, threshold).map(({ name }) => name);
    expect(lost(0.15)).toEqual(["copy D.conv1", "GAN allocation wasmBytes", "GAN batch 50 memoryBytes"]);
    expect(lost(0.25)).toEqual(["GAN allocation wasmBytes", "GAN batch 50 memoryBytes"]);
    const [, copy] = comparisons.common;
    expect(comparisonLine(copy!, 0.15)).toMatch(/^copy D\.conv1 +1\.00 +2\.40 +1\.20 {2}LOST$/);
    expect(comparisonLine(copy!, 0.25)).toMatch(/1\.20$/);
  });
});

/** Runs `npm run bench:compare` on files of these contents. */
async function compare(texts: readonly string[], ...flags: string[]): Promise<{ code: number; output: string }> {
  const folder = temporaryFolder();
  const files = texts.map((text, i) => {
    const file = join(folder, `${i}.json`);
    writeFileSync(file, text);
    return file;
  });
  const args = ["--import", "tsx", join(root, "bench/compare.ts"), ...files, ...flags];
  return await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code as number), output: stdout + stderr });
    });
  });
}

describe("npm run bench:compare", () => {
  const [old, slow] = [reportJson(before), reportJson(slowMachine)];

  it("ends with 0 where nothing is lost, with 1 where something is", async () => {
    const [same, lost] = await Promise.all([compare([old, old]), compare([old, slow], "--threshold", "0.1")]);
    expect([same.code, lost.code]).toEqual([0, 1]);
    expect(same.output).toMatch(/\n0 of 10 lost more than 15 %\.\n$/);
    expect(lost.output).toContain('Measured differently: runtime "Node v20", then "Node v26"');
    expect(lost.output).toMatch(/\nOnly in the first: old\nOnly in the second: new\n3 of 9 lost more than 10 %\.\n$/);
  });

  it("ends with 2 and one line for bad files and wrong usage", async () => {
    const wrong: [texts: string[], message: RegExp, flags?: string[]][] = [
      [[old], /two files are compared.*1 are named/],
      [[old, "{"], /1\.json: .*JSON/],
      [[old, old], /--threshold is much; it must be a number above 0/, ["--threshold", "much"]],
    ];
    const outcomes = await Promise.all(wrong.map(([texts, , flags = []]) => compare(texts, ...flags)));
    outcomes.forEach(({ code, output }, i) => {
      expect(output).toMatch(wrong[i]![1]);
      expect(output).toMatch(/^[^\n]+\n$/);
      expect(code).toBe(2);
    });
  });
});

describe("reading a report", () => {
  const file = join(temporaryFolder(afterAll), "report.json");
  const read = (text: string): Report => {
    writeFileSync(file, text);
    return readReport(file);
  };

  it("gives what was written", () => {
    expect(read(reportJson(before))).toEqual(before);
  });

  it.each([
    ["{", /report\.json: .*JSON/],
    ["[]", /report\.json holds no object/],
    ['{ "format": "other" }', /report\.json: format is "other"; this program reads "wasm-gan-bench\/1"/],
    [`{ "format": "${FORMAT}", "environment": {} }`, /report\.json: workloads is missing/],
    [reportJson({ ...before, limitGflops: 0 }), /report\.json: limitGflops is missing or not above 0/],
    [reportJson(before).replace('"ms": 8', '"ms": "8"'), /report\.json: workloads → matMul 512³ → ms is "8"/],
    [reportJson(before).replace('"ms": 8', '"ms": -8'), /report\.json: workloads → matMul 512³ → ms is -8/],
    [reportJson(before).replace('"ms": 8,', ""), /report\.json: workloads → matMul 512³ has no ms/],
  ])("refuses %#", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
