import { BoundSteps } from "../kernel-calls.ts";
import type { Kernels } from "../kernels.generated.ts";
import { PAGE_BYTES } from "../memory.ts";
import { Barrier } from "./barrier.ts";
import { controlWords, WORDS } from "./control-words.ts";
import { decodePart } from "./mailbox.ts";

/** The task of a worker. */
export interface WorkerTask {
  /** Its number; the main thread is 0. */
  readonly thread: number;
  readonly threads: number;
  /** Number of looks at a barrier before sleeping. */
  readonly spins: number;
  /** kernels-shared.wasm, and the memory that all threads work in. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernelNames: readonly (keyof Kernels)[];
}

/**
 * The life of a worker: it waits for a command, does its part and waits again. It returns when the threads are told to
 * stop or one of them fails; it first reports a failure of its own. It calls `ready` when it can take commands.
 */
export function workerLoop(task: WorkerTask, ready: () => void): void {
  const { thread, threads, spins, module, memory } = task;
  const words = controlWords(memory);
  const barrier = new Barrier(words, threads, spins);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as Kernels;
  const programs = new Map<number, BoundSteps>();
  const finishStep = (): void => barrier.wait();
  ready();
  try {
    for (;;) {
      barrier.wait();
      const slot = Atomics.load(words, WORDS.slot);
      if (Atomics.load(words, WORDS.mailbox) === 0) {
        programs.get(slot)!.run(finishStep);
      } else {
        programs.set(slot, new BoundSteps(decodePart(readMailbox(words, memory), thread, task.kernelNames), kernels));
        barrier.wait();
      }
    }
  } catch (error) {
    if (!barrier.stopped) barrier.fail(`thread ${thread}: ${String(error)}`);
  }
}

function readMailbox(words: Int32Array, memory: WebAssembly.Memory): Float64Array {
  const address = Atomics.load(words, WORDS.mailbox) >>> 0;
  const length = Atomics.load(words, WORDS.mailboxLength);
  // Another thread may have grown the memory without this thread having noticed; growing it by nothing lets it notice.
  if (memory.buffer.byteLength < Atomics.load(words, WORDS.pages) * PAGE_BYTES) memory.grow(0);
  return new Float64Array(memory.buffer, address, length);
}
