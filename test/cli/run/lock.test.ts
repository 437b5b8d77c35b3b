import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunLock, withRunLock } from "../../../src/cli/run/lock.ts";
import { temporaryFolder } from "../command-line.ts";

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

function writeLock(folder: string, holder: unknown): string {
  const path = join(folder, "lock");
  writeFileSync(path, typeof holder === "string" ? holder : JSON.stringify(holder));
  return path;
}

describe("RunLock", () => {
  it("is there while it is held, and gone afterwards", async () => {
    const folder = temporaryFolder();
    await withRunLock(folder, async () => {
      const holder = JSON.parse(readFileSync(join(folder, "lock"), "utf8")) as { pid: number; host: string };
      expect(holder).toMatchObject({ pid: process.pid, host: hostname() });
      await Promise.resolve();
    });
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("is given back where the work fails", async () => {
    const folder = temporaryFolder();
    await expect(withRunLock(folder, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("is refused while a living process holds it, here or on another machine", () => {
    const folder = temporaryFolder();
    const path = writeLock(folder, { pid: process.ppid, host: hostname(), start: null });
    expect(() => RunLock.take(folder)).toThrow(`process ${process.ppid} trains in this run`);
    writeLock(folder, { pid: deadProcess(), host: "another.example", start: null });
    expect(() => RunLock.take(folder)).toThrow(new RegExp(`on another.example.*delete ${path}`));
  });

  it("is taken over from a dead process, even if its number is used again or it died while it wrote the lock", () => {
    const folder = temporaryFolder();
    const again = { pid: process.pid, host: hostname(), start: "an earlier one's" };
    for (const stale of [{ pid: deadProcess(), host: hostname(), start: null }, again, "", '{"pid":']) {
      writeLock(folder, stale);
      const lock = RunLock.take(folder);
      expect(JSON.parse(readFileSync(join(folder, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
      lock.release();
      expect(existsSync(join(folder, "lock"))).toBe(false);
    }
  });

  it("is not taken over by two at once", () => {
    const folder = temporaryFolder();
    writeLock(folder, { pid: deadProcess(), host: hostname(), start: null });
    writeFileSync(join(folder, "lock.takeover"), "");
    expect(() => RunLock.take(folder)).toThrow(/another process is taking over .*delete .*lock\.takeover/);
  });

  it("is not given back when it has become another's", () => {
    const folder = temporaryFolder();
    const lock = RunLock.take(folder);
    const path = writeLock(folder, { pid: 1, host: "another.example", start: null });
    lock.release();
    expect(existsSync(path)).toBe(true);
  });
});
