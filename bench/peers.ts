import { isRecord, readJson } from "./report-file.ts";

/** What one program took for the same training iteration, on the same cores in the same minutes as the others. */
export interface PeerFigures {
  /** Its name as readers know it. */
  readonly peer: string;
  /** What the table says of it beside its name; the first entry of a program that has it counts. */
  readonly about?: string;
  readonly threads: number;
  /** Its fastest iteration on the wall. */
  readonly seconds: number;
  /** The largest memory of its process, in MiB. */
  readonly peakRssMB?: number;
}

/**
 * Reads a side-by-side run, ours among the others: `{ "results": [{ "peer": "TensorFlow 2.21", "threads": 1, "seconds":
 * 0.23, "peakRssMB": 688 }, …] }`. @throws Error of one line that names the file and what is wrong with it
 */
export function readPeers(path: string): readonly PeerFigures[] {
  const file = readJson(path);
  const results: unknown = isRecord(file) ? file.results : undefined;
  if (!Array.isArray(results) || results.length === 0) throw new Error(`${path} holds no list of results`);
  return results.map((result: unknown, i) => {
    if (isRecord(result) && typeof result.peer === "string") {
      const { peer, about, threads, seconds, peakRssMB } = result as unknown as PeerFigures;
      if (Number.isInteger(threads) && threads > 0 && seconds > 0) {
        const named = typeof about === "string" ? { peer, about } : { peer };
        return { ...named, threads, seconds, ...(typeof peakRssMB === "number" ? { peakRssMB } : {}) };
      }
    }
    throw new Error(`${path}: result ${i} is ${JSON.stringify(result)}; it needs peer, threads and seconds`);
  });
}
