import { FormatError, UnsupportedError } from "../engine/errors.ts";

/**
 * Bytes of compressed input that are handed over at once. Deflate grows by a factor of 1032 at most, and some browsers
 * queue all output of one piece before they can be stopped. This size bounds the queue to 8 MB.
 */
const INPUT_PIECE = 8192;

/**
 * A copy of the first `most` bytes of a file, or of all its bytes if it has fewer. A file that begins like gzip is
 * unpacked, and no further than that: a file that unpacks to terabytes costs no more than `most` bytes. Errors call the
 * file `name`.
 * @throws FormatError for damaged gzip, UnsupportedError if the engine cannot unpack
 */
export async function firstBytes(bytes: Uint8Array, most: number, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return new Uint8Array(bytes.subarray(0, most)); // slice would give a view of a Node Buffer
  if (!("DecompressionStream" in globalThis)) {
    throw new UnsupportedError(`${name} is gzip, and this engine has no DecompressionStream: pass the unpacked bytes`);
  }
  try {
    return await readUpTo(inPieces(bytes).pipeThrough(new DecompressionStream("gzip")), most);
  } catch (cause) {
    throw new FormatError(`${name} is gzip, but damaged or truncated`, { cause });
  }
}

async function readUpTo(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(most);
  let filled = 0;
  const reader = stream.getReader();
  while (filled < most) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, most - filled);
    content.set(part, filled);
    filled += part.length;
  }
  // All bytes asked for are here; an error in the bytes after them does not matter.
  await reader.cancel().catch(() => undefined);
  return content.subarray(0, filled);
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
