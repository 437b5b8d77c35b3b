import { FormatError, UnsupportedError } from "../engine/errors.ts";

/**
 * How much compressed input is handed over at once. Deflate grows by a factor of 1032 at most, and some browsers queue
 * all that one piece gives before they let us stop them: this bounds the queue to 8 MB.
 */
const INPUT_PIECE = 8192;

/**
 * Reads a file front to back, gunzipping it where it begins as a gzip file does. It holds no more than what was asked
 * for and the piece at hand: a file that unpacks to terabytes stops at the first byte nobody asked for.
 */
export class ByteReader {
  readonly #name: string;
  readonly #pieces: AsyncGenerator<Uint8Array, void, void>;
  #piece: Uint8Array = new Uint8Array(0);

  /** `name` is what errors call the file. */
  constructor(bytes: Uint8Array, name: string) {
    this.#name = name;
    this.#pieces = isGzip(bytes) ? gunzip(bytes, name) : whole(bytes);
  }

  /** The next `count` bytes. @throws FormatError where the file ends before them, or is damaged gzip */
  async read(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      if (this.#piece.length === 0 && !(await this.#advance())) {
        throw new FormatError(`${this.#name} is truncated: ${count} more bytes were expected, ${filled} are there`);
      }
      const part = this.#piece.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    return bytes;
  }

  /** Whether nothing is left: reads as far as one byte more. @throws FormatError for damaged gzip */
  async atEnd(): Promise<boolean> {
    while (this.#piece.length === 0) if (!(await this.#advance())) return true;
    return false;
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#pieces.return();
  }

  async #advance(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#piece = next.value;
    return true;
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

// eslint-disable-next-line @typescript-eslint/require-await -- the plain sibling of gunzip below
async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

async function* gunzip(bytes: Uint8Array, name: string): AsyncGenerator<Uint8Array, void, void> {
  if (!("DecompressionStream" in globalThis)) {
    throw new UnsupportedError(`${name} is gzip, and this engine has no DecompressionStream: pass the unpacked bytes`);
  }
  const reader = inPieces(bytes).pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new FormatError(`${name} is gzip, but damaged or truncated`, { cause });
  } finally {
    // Whoever stopped us has the answer already; an error of the abandoned stream says nothing more.
    await reader.cancel().catch(() => undefined);
  }
}

function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let start = 0;
  return new ReadableStream({
    pull(controller): void {
      controller.enqueue(bytes.slice(start, start + INPUT_PIECE));
      start += INPUT_PIECE;
      if (start >= bytes.length) controller.close();
    },
  });
}
