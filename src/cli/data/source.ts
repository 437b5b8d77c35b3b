import { dataSetDigestBy } from "../../data/data-set.ts";
import { batches, digits, type DataSet } from "../../data/index.ts";
import type { DataIdentity } from "../../train/checkpoint.ts";
import { loadMnist } from "./mnist-download.ts";
import { readMnistFolder } from "./mnist-folder.ts";
import { nodeSha256 } from "../files/node-sha256.ts";
import type { Progress } from "../terminal/progress.ts";

/** What of a run's settings says which images it needs. */
export interface DataRequest {
  /** `digits`, `mnist`, or the path of a folder with IDX files. */
  readonly data: string;
  readonly seed: number;
  readonly batch: number;
}

/** A data set in memory, and what checkpoints call it. */
export interface LoadedData {
  readonly set: DataSet;
  readonly identity: DataIdentity;
}

/**
 * Draws, downloads or reads the training images of a run. Digits are drawn from the run's seed. Checkpoints hold no
 * path, so they call the files of any folder `folder`; their SHA-256 tells them apart.
 * @throws DataError, FormatError where there are no such data
 */
export async function loadData(request: DataRequest, progress: Progress): Promise<LoadedData> {
  const { data } = request;
  progress.wait(data === "digits" ? "drawing 60,000 digits …" : `reading ${data} …`);
  const set = await loadSet(request, (line) => {
    progress.say(line);
  });
  checkCount(set, request);
  const name = data === "digits" || data === "mnist" ? data : "folder";
  return { set, identity: { name, sha256: await dataSetDigestBy(nodeSha256(), set) } };
}

/** @throws DataError where training would find too few images; said before anything is written */
export function checkCount(set: DataSet, { batch, seed }: DataRequest): void {
  batches(set, { batchSize: batch, seed });
}

async function loadSet({ data, seed }: DataRequest, log: (line: string) => void): Promise<DataSet> {
  if (data === "digits") return digits({ seed });
  return await (data === "mnist" ? loadMnist("train", { log }) : readMnistFolder(data, "train"));
}
