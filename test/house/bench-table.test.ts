import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeTables } from "../../bench/document-tables.ts";
import { readPeers } from "../../bench/peers.ts";
import { readReport } from "../../bench/report-file.ts";
import { FORMAT, reportJson, type Report } from "../../bench/report.ts";
import { temporaryFolder } from "../cli/command-line.ts";
import { root } from "../support/packed-package.ts";

const product = { ms: 8, gflops: 30, limitGflops: 40 };
const convolution = { ms: 3, gflops: 100, limitGflops: 40 };

const report: Report = {
  format: FORMAT,
  environment: {
    date: "2026-11-23",
    version: "0.1.0",
    processor: "a processor",
    cores: 2,
    platform: "linux x64",
    runtime: "Node v26",
    v8: "14",
    flags: "--wide",
    threads: 1,
    quick: false,
  },
  limitGflops: 40,
  workloads: {
    "matMul 512³": product,
    "matMul 512³/gemm": { ...product, gflops: 36 },
    "conv2d D.conv2": convolution,
    "conv2dFilterGrad D.conv2": { ...convolution, gflops: 110 },
    "conv2dInputGrad D.conv2": { ...convolution, gflops: 90 },
    "copy D.conv1": { ms: 1, gigabytesPerSecond: 10 },
  },
  allocation: { steps: 50, typedArrays: 0, wasmBytes: 0, plannedBytes: 0 },
  batchSizes: { 1: { ms: 10, memoryBytes: 1e7 }, 512: { ms: 2000, memoryBytes: 5e8 } },
  threads: { 1: 200, 2: 110 },
};

const peers = [
  { peer: "TensorFlow", about: "native", threads: 1, seconds: 0.229, peakRssMB: 688 },
  { peer: "ours", threads: 1, seconds: 0.2 },
  { peer: "ours", threads: 2, seconds: 0.0724 },
  { peer: "another", threads: 1, seconds: 1.375 },
];

const place = (mark: string): string => `<!-- ${mark}: npm run bench:table -->\nan old table\n<!-- /${mark} -->\n`;
const documents = {
  "README.md": `# Ours\n\n${place("peers")}\nThe end.\n`,
  "bench/README.md": `${place("peers")}\nBetween.\n\n${place("own")}`,
};

/** A folder with these files, and with documents that have places for tables. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "bench/pictures"), { recursive: true });
  for (const [name, text] of Object.entries({ ...documents, ...files })) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs `npm run bench:table` on these files, in a folder of their own. */
async function makeTable(files: Readonly<Record<string, string>>): Promise<{
  readonly folder: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const folder = folderWith(files);
  const args = [join(folder, "results.json"), "--peers", join(folder, "peers.json"), "--documents", folder];
  return await new Promise((resolve) => {
    const script = ["--import", "tsx", join(root, "bench/readme-table.ts"), ...args];
    execFile(process.execPath, script, { cwd: root }, (error, stdout, stderr) => {
      resolve({ folder, code: error === null ? 0 : (error.code as number), stdout, stderr });
    });
  });
}

/** The texts in a chart, in the order in which they are drawn. */
function textsOf(folder: string, chart: string): string[] {
  const svg = readFileSync(join(folder, "bench/pictures", chart), "utf8");
  expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}

describe("npm run bench:table", () => {
  it("makes tables and charts", async () => {
    const files = { "results.json": reportJson(report), "peers.json": JSON.stringify({ results: peers }) };
    const { folder, code, stdout, stderr } = await makeTable(files);
    expect([code, stdout, stderr]).toEqual([0, "", ""]);
    const [readme, all] = Object.keys(documents).map((name) => readFileSync(join(folder, name), "utf8")) as [
      string,
      string,
    ];
    const rowsOf = (text: string): string[][] =>
      text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const besideOthers = [
      ["", "seconds an iteration", "1 thread", "2 threads", "peak memory, 1 thread", ""],
      ["", "ours", "0.200", "0.072", "", ""],
      ["", "TensorFlow: native", "0.229", "", "688 MiB", ""],
      ["", "another", "1.38", "", "", ""],
    ];
    for (const row of besideOthers) expect(rowsOf(readme)).toContainEqual(row);
    expect(readme).toMatch(
      /^# Ours\n\n<!-- peers: npm run bench:table -->\n\n\|[^]*\|\n\n<!-- \/peers -->\n\nThe end\.\n$/,
    );
    expect(readme).not.toContain("a processor");
    const rows = rowsOf(all);
    for (const row of [
      ...besideOthers,
      ["", "a processor, Node v26 --wide", "", ""],
      ["", "one training iteration, batch 50, 2 threads", "0.110 s", ""],
      ["", "matrix product 512³", "36.0 GFLOP/s (90 % of the limit)", ""],
      ["", "allocated by 50 training steps", "0 typed arrays, 0 bytes of WASM memory", ""],
    ]) {
      expect(rows).toContainEqual(row);
    }
    expect(all).toContain("100.0, 110.0, 90.0 GFLOP/s (250, 275, 225 % of the limit)");
    expect(all, "what was not measured has no row").not.toContain("generate");
    expect(all).not.toContain("an old table");
    expect(all).toContain("\nBetween.\n");

    expect(readdirSync(join(folder, "bench/pictures"))).toEqual(["batch-sizes.svg", "iteration.svg", "limit.svg"]);
    expect(textsOf(folder, "iteration.svg")).toEqual(expect.arrayContaining(["ours", "TensorFlow", "0.072", "0.229"]));
    const limit = textsOf(folder, "limit.svg");
    expect(limit).toEqual(expect.arrayContaining(["matMul 512³", "conv2dFilterGrad D.conv2"]));
    expect(limit.filter((text) => /\/gemm|copy/.test(text))).toEqual([]);
    expect(textsOf(folder, "batch-sizes.svg")).toEqual(expect.arrayContaining(["1", "512"]));
  });

  it("ends with 2 and one line where a file is bad", async () => {
    const { code, stdout, stderr } = await makeTable({ "results.json": "{}" });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^\S+results\.json: format is undefined; this program reads "wasm-gan-bench\/1"\n$/);
  });

  it("refuses a document that has no place for a table", async () => {
    const folder = folderWith({ "bench/README.md": place("peers") });
    await expect(writeTables(folder, report, peers)).rejects.toThrow(
      `${join(folder, "bench/README.md")} has no marks <!-- own: … --> and <!-- /own -->`,
    );
  });

  it("has the documents as its files of results make them", async () => {
    const textsIn = (names: readonly string[]): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));
    const files = textsIn(Object.keys(documents));
    const folder = folderWith(files);
    const [results, others] = ["results.json", "peers.json"].map((name) => join(root, "bench", name));
    await writeTables(folder, readReport(results!), readPeers(others!));
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
    for (const name of readdirSync(join(folder, "bench/pictures"))) {
      const [made, stored] = [folder, root].map((from) => readFileSync(join(from, "bench/pictures", name), "utf8"));
      expect([name, made]).toEqual([name, stored]);
    }
  });

  it("refuses a list of peers that is none", () => {
    const file = join(temporaryFolder(), "peers.json");
    const read = (text: string): unknown => {
      writeFileSync(file, text);
      return readPeers(file);
    };
    expect(read(JSON.stringify({ results: peers }))).toEqual(peers);
    expect(() => read("{}")).toThrow(`${file} holds no list of results`);
    expect(() => read('{ "results": [] }')).toThrow(`${file} holds no list of results`);
    expect(() => read('{ "results": [{ "peer": "ours", "threads": 1 }] }')).toThrow(
      `${file}: result 0 is {"peer":"ours","threads":1}; it needs peer, threads and seconds`,
    );
    expect(() => readPeers(`${file}.not`)).toThrow(/peers\.json\.not: ENOENT/);
  });
});
