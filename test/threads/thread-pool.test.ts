// The behaviour of the threads when something goes wrong, and their start. Their script is in dist: run `npm run
// build`.
import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { createGan, Graph } from "../../src/index.ts";
import { instantiateKernels, type KernelInstance } from "../../src/engine/runtime/kernels.ts";
import type { ThreadSteps } from "../../src/engine/runtime/kernel-calls.ts";
import { Memory } from "../../src/engine/runtime/memory.ts";
import { startThreads } from "../../src/engine/runtime/threads/start-threads.ts";
import { Session } from "../../src/engine/session/session.ts";
import { tinyGan } from "../gan/tiny-gan.ts";
import { failureOf } from "../support/failure.ts";

const OUTSIDE = -1024; // the last KiB of 4 GiB, which no memory reaches

/** Threads that run a program. In it each thread makes these calls of `fill`, step by step. */
async function threadsWith(
  stepsOf: (thread: number) => readonly (readonly [address: number, count: number])[],
): Promise<{
  instance: KernelInstance;
  run: () => void;
}> {
  const instance = await startThreads(3, {});
  const pool = instance.pool!;
  const program = {
    stepsOf: (thread: number): ThreadSteps =>
      stepsOf(thread).map(([address, count]) => [{ kernel: "fill", args: [address, thread + 1, 0, count] }]),
  };
  return {
    instance,
    run() {
      pool.load(program, new Memory(instance.memory));
      pool.run(program);
    },
  };
}

describe("a pool of threads", () => {
  test("does each thread's part", async () => {
    const { instance, run } = await threadsWith((thread) => [[32768 + 64 * thread, 2]]);
    expect(instance.pool!.threads).toBe(3);
    run();
    run();
    const floats = new Float32Array(instance.memory.buffer);
    expect([0, 1, 2].map((thread) => [...floats.slice(8192 + 16 * thread, 8195 + 16 * thread)])).toEqual([
      [1, 1, 0],
      [2, 2, 0],
      [3, 3, 0],
    ]);
    instance.pool!.stop();
  });

  test.each([0, 1, 2])("fails for good where thread %i traps", async (failing) => {
    const { instance, run } = await threadsWith((thread) => [
      [32768, 0],
      [thread === failing ? OUTSIDE : 32768, 64],
      [32768, 0],
    ]);
    const { code, message } = await failureOf(run);
    expect(code).toBe("THREAD");
    expect(message).toMatch(new RegExp(`thread ${failing}: RuntimeError: .*out of bounds`));
    expect(await failureOf(run)).toEqual({ code, message });
    expect(await failureOf(() => instance.pool!.check())).toEqual({ code, message });
  });

  test("closes the session that it worked for", async () => {
    const { instance, run } = await threadsWith((thread) => [[thread === 1 ? OUTSIDE : 32768, 64]]);
    const graph = new Graph();
    const w = graph.getVariable("w", [3], { kind: "constant", value: 2 });
    const session = new Session(graph, instance, { seed: 7, rewrites: {} });
    expect(session.run({ w }).w).toEqual(Float32Array.of(2, 2, 2));
    expect(run).toThrow();
    const { code, message } = await failureOf(() => session.run({ w }));
    expect(code).toBe("THREAD");
    expect(await failureOf(() => session.variables.get("w"))).toEqual({ code, message });
    expect(await failureOf(() => session.normal(1, 0, 4))).toEqual({ code, message });
    session.dispose();
    expect((await failureOf(() => session.run({ w }))).code).toBe("DISPOSED");
  });

  test("is lost where a run was cut off", async () => {
    const { instance, run } = await threadsWith(() => Array.from({ length: 20_000 }, () => [32768, 1000] as const));
    run();
    expect(() => void runInNewContext("run()", { run }, { timeout: 20 })).toThrow(/timed out/);
    expect((await failureOf(run)).message).toMatch(/cut off/);
    instance.pool!.stop();
  });
});

describe("starting", () => {
  const sharedBytes = readFileSync(new URL("../../dist/kernels-shared.wasm", import.meta.url));
  const plainBytes = readFileSync(new URL("../../dist/kernels.wasm", import.meta.url));

  test("takes kernels that the user supplies", async () => {
    const gan = await createGan({ threads: 2, bytes: sharedBytes });
    expect(gan.threads).toBe(2);
    gan.dispose();
  });

  test("runs one thread on a supplied build for plain memory", async () => {
    for (const source of [{ bytes: plainBytes }, { module: await WebAssembly.compile(plainBytes) }]) {
      const gan = await createGan({ threads: 2, ...source });
      expect(gan.threads).toBe(1);
      gan.dispose();
    }
  });

  test("refuses kernels that are none", async () => {
    expect((await failureOf(() => createGan({ threads: 2, bytes: new Uint8Array(8) }))).code).toBe("UNSUPPORTED");
  });

  test("auto takes cores, eight at most", async () => {
    const gan = await tinyGan({ threads: "auto" });
    expect(gan.threads).toBeGreaterThanOrEqual(1);
    expect(gan.threads).toBeLessThanOrEqual(Math.min(8, availableParallelism()));
    gan.dispose();
  });

  test("runs one thread where this one must not block, as in a browser's page", async () => {
    const wait = vi.spyOn(Atomics, "wait").mockImplementation(() => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    });
    const gan = await tinyGan({ threads: 2 });
    wait.mockRestore();
    expect(gan.threads).toBe(1);
    gan.dispose();
  });

  test("one thread has no pool and a memory of its own", async () => {
    expect((await startThreads(1, {})).pool).toBeUndefined();
    expect((await instantiateKernels()).memory.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

test.runIf(process.platform === "linux")("creating and disposing thirty times leaves no thread behind", async () => {
  const threadsNow = (): number => readdirSync("/proc/self/task").length;
  const cycle = async (): Promise<void> => {
    const gan = await tinyGan({ threads: 3 });
    gan.generate(gan.latent("sample", 0, 1));
    gan.dispose();
  };
  await cycle();
  const before = threadsNow();
  for (let i = 0; i < 30; i++) await cycle();
  await expect.poll(threadsNow, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2);
});
