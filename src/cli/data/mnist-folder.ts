import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { mnist, type DataSet } from "../../data/index.ts";
import { DataError, FormatError } from "../../engine/errors.ts";
import { codeOf, hasCode } from "../files/system-error.ts";
import { MNIST_FILES, type MnistFile, type MnistPart } from "./mnist-files.ts";

interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** No file of MNIST is larger, packed or not. */
const MOST_BYTES = MNIST_FILES.train.images.bytes;

/**
 * Reads one set of a folder from its two IDX files, by their usual names: train-images-idx3-ubyte and
 * train-labels-idx1-ubyte, or t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte. A name may be spelt with a dot
 * (train-images.idx3-ubyte), and each file packed (.gz) or not. The files of the other set are not looked at. The
 * images need not be MNIST's: any digits of 28×28 pixels in its format do.
 * @throws DataError for a folder or file that is missing or cannot be read, FormatError for a damaged file
 */
export async function readMnistFolder(folder: string, part: MnistPart): Promise<DataSet> {
  await checkFolder(folder);
  const images = await find(folder, MNIST_FILES[part].images);
  const labels = await find(folder, MNIST_FILES[part].labels);
  return await mnist(images.bytes, labels.bytes, { images: images.path, labels: labels.path });
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

async function find(folder: string, { name }: MnistFile): Promise<FoundFile> {
  const dotted = name.replace("-idx", ".idx");
  for (const candidate of [name, `${name}.gz`, dotted, `${dotted}.gz`]) {
    const path = join(folder, candidate);
    const bytes = await readIfFile(path);
    if (bytes !== undefined) return { path, bytes: await unpacked(bytes) };
  }
  throw new DataError(`data folder ${folder} has no ${name}, packed (.gz) or not`);
}

/** Undefined where there is no such file, or a folder of that name: some archives unpack to one. */
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
 * Unpacks a gzip file in one piece. The library would do so in thousands, and take four times as long. Bytes that are
 * no gzip, damaged or too large stay as they are, and the library refuses what it must.
 */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { chunkSize: MOST_BYTES + 1, maxOutputLength: MOST_BYTES });
  } catch {
    return bytes;
  }
}

function unreadable(path: string, cause: unknown): DataError {
  return new DataError(`${path} cannot be read: ${codeOf(cause) ?? "unknown error"}`, { cause });
}
