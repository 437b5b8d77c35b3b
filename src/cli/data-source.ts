import { dataSetDigestBy } from "../data/data-set.ts";
import { batches, digits, type DataSet } from "../data/index.ts";
import type { DataIdentity } from "../train/checkpoint.ts";
import { loadMnist } from "./mnist-download.ts";
import { readMnistFolder } from "./mnist-folder.ts";
import { nodeSha256 } from "./node-sha256.ts";
import type { Progress } from "./progress.ts";
import type { RunSettings } from "./run-settings.ts";

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
export async function loadData(settings: RunSettings, progress: Progress): Promise<LoadedData> {
  const { data } = settings;
  progress.wait(data === "digits" ? "drawing 60,000 digits …" : `reading ${data} …`);
  const set = await loadSet(settings, (line) => {
    progress.say(line);
  });
  checkCount(set, settings);
  const name = data === "digits" || data === "mnist" ? data : "folder";
  return { set, identity: { name, sha256: await dataSetDigestBy(nodeSha256(), set) } };
}

/** @throws DataError where training would find too few images; said before anything is written */
export function checkCount(set: DataSet, { batch, seed }: RunSettings): void {
  batches(set, { batchSize: batch, seed });
}

async function loadSet({ data, seed }: RunSettings, log: (line: string) => void): Promise<DataSet> {
  if (data === "digits") return digits({ seed });
  const { train } = await (data === "mnist" ? loadMnist({ log }) : readMnistFolder(data));
  return train;
}
