import { dataSetDigest, dataSetIdentity } from "../../data/data-set-digest.ts";
import { batches, digits, type DataSet } from "../../data/index.ts";
import type { DataIdentity } from "../../gan/train/checkpoint.ts";
import { damagedError } from "../terminal/exit-codes.ts";
import { grouped } from "../terminal/number-text.ts";
import type { Progress } from "../terminal/progress.ts";
import { loadMnist } from "./mnist-download.ts";
import { readMnistFolder } from "./mnist-folder.ts";

/** The settings of a run that say which images it needs. */
export interface DataRequest {
  /** `digits`, `mnist`, or the path of a folder with IDX files. */
  readonly data: string;
  readonly seed: number;
  readonly batch: number;
}

/** A data set, and its name in checkpoints. */
export interface LoadedData {
  readonly set: DataSet;
  readonly identity: DataIdentity;
}

/**
 * Downloads or reads the training images of a run. Digits belong to the run's seed and are drawn later, when a batch
 * takes them. Checkpoints hold no path, so they call the files of any folder `folder`; their SHA-256 tells them apart.
 * @throws DataError, FormatError where there are no such data
 */
export async function loadData(request: DataRequest, progress: Progress): Promise<LoadedData> {
  const { data } = request;
  if (data !== "digits") progress.wait(`reading ${data} …`);
  const set = await loadSet(request, (line) => {
    progress.say(line);
  });
  checkCount(set, request);
  const name = data === "digits" || data === "mnist" ? data : "folder";
  return { set, identity: { name, sha256: await dataSetIdentity(set) } };
}

/**
 * The data of a run that goes on, under the identity with which it was begun. Early versions took the SHA-256 of their
 * content for digits of any seed. Their runs go on, too: all digits are drawn and compared.
 * @throws CommandError where the data are not those of the run; otherwise as loadData
 */
export async function loadSameData(request: DataRequest, begun: DataIdentity, progress: Progress): Promise<LoadedData> {
  const { set, identity } = await loadData(request, progress);
  if (identity.sha256 === begun.sha256) return { set, identity };
  const sha256 = request.data === "digits" ? await contentOfDigits(set, progress) : identity.sha256;
  if (sha256 === begun.sha256) return { set, identity: { ...identity, sha256 } };
  throw damagedError(`the data ${request.data} has SHA-256 ${sha256}; the run was begun with ${begun.sha256}`);
}

async function contentOfDigits(set: DataSet, progress: Progress): Promise<string> {
  progress.wait(`drawing ${grouped(set.count)} digits …`);
  return await dataSetDigest(set);
}

/** @throws DataError where training would find too few images; said before anything is written */
export function checkCount(set: DataSet, { batch, seed }: DataRequest): void {
  batches(set, { batchSize: batch, seed });
}

async function loadSet({ data, seed }: DataRequest, log: (line: string) => void): Promise<DataSet> {
  if (data === "digits") return digits({ seed });
  return await (data === "mnist" ? loadMnist("train", { log }) : readMnistFolder(data, "train"));
}
