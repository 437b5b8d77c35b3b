// Threads and the process in which they live: it ends when it should, and reports the loss of a thread.
import { describe, expect, test } from "vitest";
import { Child, runChild } from "./child-process.ts";

/** Keeps every worker that the library starts in `workers`. */
const CATCH_WORKERS = `
  import threads from "node:worker_threads";
  import { syncBuiltinESMExports } from "node:module";
  const workers = [];
  threads.Worker = class extends threads.Worker {
    constructor(...args) {
      super(...args);
      workers.push(this);
    }
  };
  syncBuiltinESMExports();`;

/** Prints the errors with which two steps in a row fail. */
const REPORT = `
  const failure = () => {
    try {
      iterate(gan);
      return "nothing";
    } catch ({ name, code, message }) {
      return [name, code, message].join(" ");
    }
  };
  console.log(failure());
  console.log(failure());`;

const CLEAN = { code: 0, stderr: "" };

describe("a process", { concurrent: true }, () => {
  test("ends by itself after dispose, and the workers with it", async () => {
    const ended = await runChild(
      `const gan = await tiny(3);
       iterate(gan);
       gan.dispose();
       await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve))));
       console.log(workers.length, "have ended");
       clearInterval(alive);`,
      // Workers do not keep a process alive. So the process needs something else while it waits for them.
      `${CATCH_WORKERS} const alive = setInterval(() => undefined, 1000);`,
    );
    expect(ended).toEqual({ ...CLEAN, stdout: "2 have ended\n" });
  });

  test("ends by itself with an undisposed GAN", async () => {
    const ended = await runChild(`const gan = await tiny(3); iterate(gan); console.log("done");`);
    expect(ended).toEqual({ ...CLEAN, stdout: "done\n" });
  });

  test("ends by itself with a GAN that never ran", async () => {
    expect(await runChild(`await tiny(2);`)).toEqual({ ...CLEAN, stdout: "" });
  });

  test("ends by process.exit with an undisposed GAN", async () => {
    const ended = await runChild(`const gan = await tiny(3); iterate(gan); process.exit(4);`);
    expect(ended).toEqual({ code: 4, stdout: "", stderr: "" });
  });

  test("is told when a worker was terminated, and ends", async () => {
    const ended = await runChild(
      `const gan = await tiny(3); iterate(gan); await workers[1].terminate(); ${REPORT}`,
      CATCH_WORKERS,
    );
    const line =
      "ThreadError THREAD the threads have stopped and cannot be used any more: a worker ended with code 1\n";
    expect(ended).toEqual({ ...CLEAN, stdout: line + line });
  });

  test("is told within seconds when that happens in the middle of a step", async () => {
    const began = performance.now();
    const ended = await runChild(
      `const gan = await tiny(3); iterate(gan); void workers[1].terminate(); ${REPORT}`,
      CATCH_WORKERS,
    );
    expect(ended).toMatchObject(CLEAN);
    expect(ended.stdout).toMatch(/^(ThreadError THREAD .*a thread has given no sign of life for .*\n){2}$/);
    expect(performance.now() - began).toBeLessThan(25_000);
  });

  test("goes on after it was stopped for longer than the watchdog waits for a lost thread", async () => {
    const child = new Child(`
      const gan = await tiny(2);
      console.log("begun");
      for (const end = performance.now() + 8000; performance.now() < end; ) iterate(gan);
      console.log("done");`);
    await child.prints("begun");
    child.process.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 7000));
    child.process.kill("SIGCONT");
    expect(await child.ended).toEqual({ ...CLEAN, stdout: "begun\ndone\n" });
  });

  const DIGEST = `
    import { createHash } from "node:crypto";
    const digest = (gan) => {
      const hash = createHash("sha256");
      for (const name of gan.variables.names) hash.update(gan.variables.get(name));
      return hash.digest("hex");
    };`;

  test.each([
    ["SharedArrayBuffer is missing", "delete globalThis.SharedArrayBuffer;", []],
    ["workers are not permitted", "", [permissionFlag(), "--allow-fs-read=*"]],
  ] as const)("runs one thread where %s, with the same bits and without a word", async (_, before, flags) => {
    const ended = await runChild(
      `const digests = [];
       for (const threads of [1, 2, "auto"]) {
         const gan = await tiny(threads);
         iterate(gan);
         digests.push(digest(gan));
         console.log(gan.threads, digests.at(-1) === digests[0]);
       }`,
      DIGEST + before,
      flags,
    );
    const warning = /ExperimentalWarning: Permission is an experimental feature|--trace-warnings/;
    const said = ended.stderr.split("\n").filter((line) => line !== "" && !warning.test(line));
    expect({ ...ended, stderr: said }).toEqual({ code: 0, stdout: "1 true\n".repeat(3), stderr: [] });
  });
});

/** Node 20 has the permission model under another name. */
function permissionFlag(): string {
  return Number(process.versions.node.split(".")[0]) < 23 ? "--experimental-permission" : "--permission";
}
