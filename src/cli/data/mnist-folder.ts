import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { mnist, type DataSet } from "../../data/index.ts";
import { DataError, FormatError } from "../../errors.ts";
import { MNIST_FILES, type MnistFile } from "./mnist-files.ts";
import { hasCode } from "../files/system-error.ts";

/** MNIST as its makers divided it. */
export interface MnistSets {
  /** Training uses this one alone. */
  readonly train: DataSet;
  /** Not there where a folder has the training files only. */
  readonly test: DataSet | undefined;
}

interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** No file of MNIST is larger, packed or not. */
const MOST_BYTES = MNIST_FILES.trainImages.bytes;

/**
 * Reads the four IDX files of a folder by their usual names: train-images-idx3-ubyte, train-labels-idx1-ubyte,
 * t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, also spelt with a dot (train-images.idx3-ubyte), each packed (.gz)
 * or not. The two test files may be missing, both together. They need not be MNIST: any 28×28 digits in its format do.
 * @throws DataError for a folder or file that is missing or cannot be read, FormatError for a damaged file
 */
export async function readMnistFolder(folder: string): Promise<MnistSets> {
  const { trainImages, trainLabels, testImages, testLabels } = MNIST_FILES;
  await checkFolder(folder);
  const train = await readPair(folder, trainImages, trainLabels);
  if (train === undefined) throw missing(folder, trainImages);
  return { train, test: await readPair(folder, testImages, testLabels) };
}

async function checkFolder(folder: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(folder)).isDirectory();
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) throw new DataError(`data folder ${folder} does not exist`, { cause });
    throw unreadable(folder, cause);
  }
  if (!isFolder) throw new DataError(`data folder ${folder} is not a folder`);
}

/** Nothing where both files are missing. */
async function readPair(folder: string, images: MnistFile, labels: MnistFile): Promise<DataSet | undefined> {
  const [imagesFile, labelsFile] = [await find(folder, images), await find(folder, labels)];
  if (imagesFile === undefined && labelsFile === undefined) return undefined;
  if (imagesFile === undefined) throw missing(folder, images);
  if (labelsFile === undefined) throw missing(folder, labels);
  return await mnist(imagesFile.bytes, labelsFile.bytes, { images: imagesFile.path, labels: labelsFile.path });
}

async function find(folder: string, { name }: MnistFile): Promise<FoundFile | undefined> {
  const dotted = name.replace("-idx", ".idx");
  for (const candidate of [name, `${name}.gz`, dotted, `${dotted}.gz`]) {
    const path = join(folder, candidate);
    const bytes = await readIfFile(path);
    if (bytes !== undefined) return { path, bytes: await unpacked(bytes) };
  }
  return undefined;
}

/** Nothing where there is no such file, or a folder of that name, as some archives unpack to. */
async function readIfFile(path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await stat(path);
    if (!file.isFile()) return undefined;
    if (file.size <= MOST_BYTES) return await readFile(path);
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return undefined;
    throw unreadable(path, cause);
  }
  throw new FormatError(`${path} is larger than any file of MNIST, which have ${MOST_BYTES} bytes at most`);
}

/**
 * Unpacks in one piece what the library would unpack in thousands, whose memory no process gives back: 30 MB less at the
 * training's peak. What is not packed, or damaged, or too large stays as it is: the library tells its user so.
 */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { chunkSize: MOST_BYTES + 1, maxOutputLength: MOST_BYTES });
  } catch {
    return bytes;
  }
}

function missing(folder: string, { name }: MnistFile): DataError {
  return new DataError(`data folder ${folder} has no ${name}, packed (.gz) or not`);
}

function unreadable(path: string, cause: unknown): DataError {
  const { code = "unknown error" } = cause as NodeJS.ErrnoException;
  return new DataError(`${path} cannot be read: ${code}`, { cause });
}
