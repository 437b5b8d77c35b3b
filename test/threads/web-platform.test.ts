// The browser's way of starting workers. Node's Worker plays the browser's. The script is in dist: run `npm run build`.
import { Worker as NodeWorker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { logicalProcessors, mayRunThreads, physicalCores, startWorker } from "../../src/engine/platform/web.ts";
import { KERNEL_NAMES } from "../../src/engine/runtime/kernels.generated.ts";
import { KERNELS_SHARED_BASE64 } from "../../src/engine/runtime/kernels-shared.generated.ts";
import { compileKernels, fromBase64, instantiateOn } from "../../src/engine/runtime/kernels.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import { ThreadPool } from "../../src/engine/runtime/threads/thread-pool.ts";

/** Gives a module the globals that a browser's worker has. */
const WORKER_SCOPE = `
  import { parentPort } from "node:worker_threads";
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  globalThis.close = () => parentPort.close();
  globalThis.addEventListener = (type, listen, { once }) =>
    parentPort[once ? "once" : "on"](type, (data) => listen({ data }));
`;

/** The part of a browser's Worker that the library uses. */
class BrowserWorker extends NodeWorker {
  constructor(url: URL) {
    const script = url.href.replace("/src/", "/dist/");
    const module = `${WORKER_SCOPE} await import(${JSON.stringify(script)});`;
    super(new URL(`data:text/javascript,${encodeURIComponent(module)}`), { execArgv: [] });
  }

  addEventListener(type: string, listen: (event: object) => void): void {
    this.on(type, (value: object) => listen(type === "error" ? value : { data: value }));
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("in a browser", () => {
  test("workers run programs and end", async () => {
    vi.stubGlobal("Worker", BrowserWorker);
    expect(mayRunThreads()).toBe(true);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const module = await compileKernels({ bytes: fromBase64(KERNELS_SHARED_BASE64) });
    const pool = new ThreadPool(await instantiateOn(module, memory), memory, 2, 0);
    const ended = vi.fn();
    await startWorker({ thread: 1, threads: 2, spins: 0, module, memory, kernelNames: KERNEL_NAMES }, ended);
    const program = {
      stepsOf: (thread: number) => [[{ kernel: "fill", args: [32768 + 8 * thread, thread + 1, 0, 2] } as const]],
    };
    pool.load(program, new Memory(memory));
    pool.run(program);
    expect([...new Float32Array(memory.buffer, 32768, 5)]).toEqual([1, 1, 2, 2, 0]);
    pool.stop();
    expect(ended).not.toHaveBeenCalled();
  });

  test("a script that fails is a worker that does not start", async () => {
    vi.stubGlobal("Worker", BrowserWorker);
    const ended = vi.fn();
    await expect(startWorker({ thread: 1 }, ended)).rejects.toThrow(/a worker failed: /);
    expect(ended).toHaveBeenCalledOnce();
  });

  test("cores are half of the processors, and one where nothing is known", () => {
    for (const [hardwareConcurrency, cores] of [
      [1, 1],
      [8, 4],
      [undefined, 1],
    ] as const) {
      vi.stubGlobal("navigator", { hardwareConcurrency });
      expect([logicalProcessors(), physicalCores()]).toEqual([hardwareConcurrency ?? 1, cores]);
    }
    vi.stubGlobal("navigator", undefined);
    expect(physicalCores()).toBe(1);
  });

  test("there are no threads without workers", () => {
    vi.stubGlobal("Worker", undefined);
    expect(mayRunThreads()).toBe(false);
  });
});
