/**
 * Starts a worker with its task. Resolves when the worker is ready, and rejects if it does not become ready. After that
 * `onEnd` is told why it ended, whatever the reason. A worker that is ready keeps no process alive.
 */
export type StartWorker = (task: unknown, onEnd: (reason: string) => void) => Promise<void>;

/** True if several threads can work on one memory here, and this thread may wait for the others. */
export function mayShareMemory(): boolean {
  if (typeof SharedArrayBuffer !== "function") return false;
  try {
    // The main thread of a browser's page must not block; there even a wait that ends at once throws.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
