// Words through which the threads talk: they lie in the memory's first KiB, which holds nothing else. The first page is
// there from the start, so a view of the words stays valid however far the memory grows. Words that different threads
// write at the same time lie on different cache lines.

/** Int32 indices of the control words; a cache line is 16 of them. */
export const WORDS = {
  /** Counts the barriers that all threads have passed; sleepers wait for it to change. */
  epoch: 0,
  /** Threads that have arrived at the present barrier. */
  arrived: 16,
  /** Threads that sleep, or are about to. */
  sleepers: 32,
  /** One of STATE. */
  state: 48,
  /** 1 once a thread has begun to write why it fails; only the first one writes. */
  failureClaimed: 49,
  /** Length of that text. */
  failureLength: 50,
  /** The program of the present command: the number under which the threads keep it. */
  slot: 64,
  /** Byte address of the mailbox with a new program for that slot; 0 is the command to run what is there. */
  mailbox: 65,
  /** Float64 values in the mailbox. */
  mailboxLength: 66,
  /** Pages of 64 KiB that the memory has where the new program was planned. */
  pages: 67,
} as const;

/** The state of the threads. */
export const STATE = { working: 0, stopped: 1, failed: 2 } as const;

/** The place of a failure's text, in bytes, and its largest length in characters. */
const FAILURE_TEXT = 512;
const FAILURE_LENGTH = 512;

/** The control words of a shared memory. */
export function controlWords(memory: WebAssembly.Memory): Int32Array {
  return new Int32Array(memory.buffer, 0, FAILURE_TEXT / Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Writes the reason why this thread fails, in ASCII, unless another thread was first. Returns true if this thread was
 * first.
 */
export function writeFailure(words: Int32Array, text: string): boolean {
  if (Atomics.compareExchange(words, WORDS.failureClaimed, 0, 1) !== 0) return false;
  const bytes = new Uint8Array(words.buffer, FAILURE_TEXT, FAILURE_LENGTH);
  const length = Math.min(text.length, FAILURE_LENGTH);
  for (let i = 0; i < length; i++) bytes[i] = Math.min(text.charCodeAt(i), 127);
  Atomics.store(words, WORDS.failureLength, length);
  return true;
}

/** The text that writeFailure wrote. */
export function readFailure(words: Int32Array): string {
  const bytes = new Uint8Array(words.buffer, FAILURE_TEXT, Atomics.load(words, WORDS.failureLength));
  return String.fromCharCode(...bytes);
}
