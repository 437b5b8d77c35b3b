import { logicalProcessors, mayRunThreads, physicalCores, startWorker } from "#platform";
import { KERNELS_SHARED_BASE64 } from "../kernels-shared.generated.ts";
import { KERNEL_NAMES } from "../kernels.generated.ts";
import {
  compileKernels,
  fromBase64,
  instantiateKernels,
  instantiateOn,
  type KernelInstance,
  type KernelSource,
} from "../kernels.ts";
import { MOST_PAGES } from "../sizes.generated.ts";
import { ThreadPool } from "./thread-pool.ts";
import type { WorkerTask } from "./worker-loop.ts";

/**
 * Number of looks at a barrier before a thread sleeps: about 50 µs. A wake-up costs about as much, so a thread that
 * looks in vain loses no more than it would by sleeping at once. With more threads than processors no thread looks: it
 * would hold up those that the others wait for.
 */
const SPINS = 8000;

/** The most threads that "auto" takes. Every step waits for the last of them, so more cores help less and less. */
const MOST_USEFUL = 8;

/**
 * Kernels on a memory that several threads share, with the workers started and ready. If that is impossible (no shared
 * memory, no workers, no permission, a thread that must not wait, a supplied build for plain memory), one thread does
 * all the work; the bits are the same.
 * @throws UnsupportedError if the kernels do not load at all.
 */
export async function startThreads(wanted: number | "auto", source: KernelSource): Promise<KernelInstance> {
  const threads = wanted === "auto" ? Math.min(physicalCores(), MOST_USEFUL) : wanted;
  if (threads === 1 || !mayRunThreads()) return await instantiateKernels(source);
  const isSupplied = Object.values(source).some((value) => value !== undefined);
  const module = await compileKernels(isSupplied ? source : { bytes: fromBase64(KERNELS_SHARED_BASE64) });
  try {
    return await startPool(module, threads);
  } catch {
    return await instantiateKernels(isSupplied ? { module } : {});
  }
}

async function startPool(module: WebAssembly.Module, threads: number): Promise<KernelInstance> {
  // kernels-shared.wasm demands this maximum: 4 GiB of addresses, not of memory.
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  const kernels = await instantiateOn(module, memory);
  const spins = threads <= logicalProcessors() ? SPINS : 0;
  const pool = new ThreadPool(kernels, memory, threads, spins);
  const task = (thread: number): WorkerTask => ({ thread, threads, spins, module, memory, kernelNames: KERNEL_NAMES });
  try {
    const workers = Array.from({ length: threads - 1 }, (_, i) => i + 1);
    await Promise.all(workers.map((thread) => startWorker(task(thread), (reason) => pool.lost(reason))));
  } catch (error) {
    pool.stop();
    throw error;
  }
  return { kernels, memory, pool };
}
