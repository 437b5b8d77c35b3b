import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { mnist, type DataSet } from "../../data/index.ts";
import { DataError } from "../../engine/errors.ts";
import { writeFileAtomically } from "../files/atomic-file.ts";
import { describeError } from "../terminal/exit-codes.ts";
import { cacheFolder } from "./cache-folder.ts";
import { download, DownloadError, type Timeouts } from "./download.ts";
import { MNIST_FILES, type MnistFile, type MnistFiles, type MnistPart } from "./mnist-files.ts";

/** The source of MNIST, and its place on disk. Users have the defaults; tests and closed networks set their own. */
export interface MnistDownload {
  /** The folder of the unpacked files, which keep their usual names; default the user's cache folder. */
  readonly folder?: string;
  /** Addresses, each ending in `/`, below which the `.gz` files lie; tried in this order. */
  readonly mirrors?: readonly string[];
  readonly timeouts?: Timeouts;
  /** The files' names and contents. */
  readonly files?: MnistFiles;
  /** Gets a line for each download. */
  readonly log?: (line: string) => void;
}

const MIRRORS: readonly string[] = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
  "https://raw.githubusercontent.com/fgnt/mnist/master/",
];

/** The bytes that gzip may add to a file that cannot be packed: its header, and five bytes for every 16 KB. */
const GZIP_MARGIN = 1024;

const WAY_OUT = "use --data DIR for files you have, or --data digits, which needs none";

/**
 * One of MNIST's two sets, from the cache. A file that is missing there, or has another content, is downloaded from the
 * first mirror that gives it. The files of the other set are not touched. The SHA-256 of every file is pinned, no
 * matter which mirror sent it.
 * @throws DataError naming what failed at each mirror, and saying so where there is no network
 */
export async function loadMnist(part: MnistPart, options: MnistDownload = {}): Promise<DataSet> {
  const { images, labels } = (options.files ?? MNIST_FILES)[part];
  const source = new MnistSource(options);
  return await mnist(await source.get(images), await source.get(labels));
}

class MnistSource {
  readonly #folder: string;
  readonly #timeouts: Timeouts | undefined;
  readonly #log: (line: string) => void;
  /** The mirror that worked last comes first. */
  #mirrors: readonly string[];

  constructor({ folder, mirrors = MIRRORS, timeouts, log = () => undefined }: MnistDownload) {
    this.#folder = folder ?? join(cacheFolder(), "mnist");
    this.#mirrors = mirrors;
    this.#timeouts = timeouts;
    this.#log = log;
  }

  /** The file's unpacked bytes. */
  async get(file: MnistFile): Promise<Uint8Array> {
    const path = join(this.#folder, file.name);
    const cached = await readFile(path).catch(() => undefined);
    if (cached !== undefined && problemOf(cached, file) === undefined) return cached;
    if (cached !== undefined) this.#log(`${path} is not MNIST's: downloading it again`);
    const bytes = await this.#fetch(file);
    await this.#keep(path, bytes);
    return bytes;
  }

  async #fetch(file: MnistFile): Promise<Uint8Array> {
    const failures: { mirror: string; error: DownloadError }[] = [];
    for (const mirror of this.#mirrors) {
      this.#log(`downloading ${file.name} from ${hostOf(mirror)}`);
      try {
        const packed = await download(`${mirror}${file.name}.gz`, file.bytes + GZIP_MARGIN, this.#timeouts);
        const bytes = unpack(packed, file);
        this.#mirrors = [mirror, ...this.#mirrors.filter((other) => other !== mirror)];
        return bytes;
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error;
        failures.push({ mirror, error });
      }
    }
    const list = failures.map(({ mirror, error }) => `${hostOf(mirror)}: ${error.message}`).join("; ");
    const noNetwork = failures.every(({ error }) => error.unreachable);
    const why = noNetwork ? "there is no network, or no mirror can be reached" : "no mirror gave it";
    throw new DataError(`mnist: cannot download ${file.name}: ${why} (${list}); ${WAY_OUT}`);
  }

  /** A cache that cannot be written stops no training. */
  async #keep(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFileAtomically(path, bytes);
    } catch (error) {
      this.#log(`MNIST cannot be kept for the next time: ${describeError(error)}`);
    }
  }
}

/** A server may have unpacked the file on its way. */
function unpack(bytes: Uint8Array, file: MnistFile): Uint8Array {
  let unpacked = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      unpacked = gunzipSync(bytes, { maxOutputLength: file.bytes });
    } catch (cause) {
      throw new DownloadError("wrong content (damaged gzip, or too large)", false, { cause });
    }
  }
  const problem = problemOf(unpacked, file);
  if (problem !== undefined) throw new DownloadError(problem, false);
  return unpacked;
}

function problemOf(bytes: Uint8Array, file: MnistFile): string | undefined {
  if (bytes.length !== file.bytes) return `wrong content (${bytes.length} bytes, not ${file.bytes})`;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return sha256 === file.sha256 ? undefined : `wrong content (SHA-256 ${sha256})`;
}

function hostOf(mirror: string): string {
  return new URL(mirror).host;
}
