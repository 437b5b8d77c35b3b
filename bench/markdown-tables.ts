// The documents' tables. The cells are padded by Prettier, as everything in Markdown here.
import type { PeerFigures } from "./peers.ts";
import { digits, mebibytes } from "./report-lines.ts";
import type { Report } from "./report.ts";

/** Seconds of one iteration by program and number of threads, the fastest with one thread first. */
export function peersTable(peers: readonly PeerFigures[]): string {
  const counts = [...new Set(peers.map(({ threads }) => threads))].sort((a, b) => a - b);
  const names = [...new Set(peers.map(({ peer }) => peer))];
  const find = (peer: string, threads: number): PeerFigures | undefined =>
    peers.find((figures) => figures.peer === peer && figures.threads === threads);
  const order = (peer: string): number => find(peer, counts[0]!)?.seconds ?? Infinity;
  const rows = names
    .sort((a, b) => order(a) - order(b))
    .map((peer) => {
      const memory = find(peer, counts[0]!)?.peakRssMB;
      const about = peers.find((figures) => figures.peer === peer && figures.about !== undefined)?.about;
      const times = counts.map((threads) => secondsText(find(peer, threads)?.seconds));
      return [about === undefined ? peer : `${peer}: ${about}`, ...times, megabytes(memory)];
    });
  const heads = counts.map((threads) => (threads === 1 ? "1 thread" : `${threads} threads`));
  return table([["seconds an iteration", ...heads, `peak memory, ${heads[0]!}`], ...rows]);
}

/** The measurements of ours alone. A figure that a report lacks has no row. */
export function ownTable(report: Report): string {
  const { environment, gan, allocation, threads = {} } = report;
  const rows = [
    ...Object.entries(threads).map(([count, ms]) => [
      `one training iteration, batch 50, ${count} ${count === "1" ? "thread" : "threads"}`,
      `${digits(ms / 1000)} s`,
    ]),
    [
      "the machine's limit: multiplications and additions in registers, one thread",
      `${report.limitGflops.toFixed(1)} GFLOP/s`,
    ],
    ...limitRow(report, "matrix product 512³", ["matMul 512³/gemm"]),
    ...limitRow(report, "the discriminator's second convolution: forward, filter gradient, input gradient", [
      "conv2d D.conv2",
      "conv2dFilterGrad D.conv2",
      "conv2dInputGrad D.conv2",
    ]),
  ];
  if (gan !== undefined) {
    const memory = [gan.memoryBytesAfterGenerate, gan.memoryBytesAfterSteps, gan.memoryBytesAfterPretraining];
    rows.push(
      ["`generate` of one image", `${digits(gan.generateOneMs)} ms`],
      ["a new process: import, `createGan`, first image", `${digits(gan.firstImageMs)} ms`],
      [
        "WASM memory after one image, after training steps, and after pre-training as well",
        memory.map(mebibytes).join(", "),
      ],
    );
  }
  if (allocation !== undefined) {
    const { steps, typedArrays, wasmBytes } = allocation;
    rows.push([
      `allocated by ${steps} training steps`,
      `${typedArrays} typed arrays, ${wasmBytes} bytes of WASM memory`,
    ]);
  }
  return table([[`${environment.processor}, ${environment.runtime}${flags(environment.flags)}`, ""], ...rows]);
}

/** GFLOP/s of workloads and their share of the limit in the same moments; no row where one was not measured. */
function limitRow({ workloads }: Report, label: string, names: readonly string[]): string[][] {
  const found = names.flatMap((name) => workloads[name] ?? []);
  if (found.length < names.length) return [];
  const reached = found.map(({ gflops }) => (gflops ?? NaN).toFixed(1));
  const shares = found.map(({ gflops = NaN, limitGflops = NaN }) => Math.round((100 * gflops) / limitGflops));
  return [[label, `${reached.join(", ")} GFLOP/s (${shares.join(", ")} % of the limit)`]];
}

/** To the millisecond below a second. */
function secondsText(value: number | undefined): string {
  if (value === undefined) return "";
  return value < 1 ? value.toFixed(3) : digits(value);
}

function megabytes(value: number | undefined): string {
  return value === undefined ? "" : `${Math.round(value)} MiB`;
}

function flags(text: string): string {
  return text === "" ? "" : ` ${text}`;
}

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...rows.map(line)].join("\n");
}
