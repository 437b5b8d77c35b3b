import { describe, expect, test, vi } from "vitest";
import { logicalProcessors, physicalCores } from "../../src/engine/platform/node-processors.ts";

const machine = vi.hoisted(() => ({ processors: 1, files: new Map<string, string>() }));

vi.mock("node:os", () => ({ availableParallelism: () => machine.processors }));
vi.mock("node:fs", () => ({
  readFileSync(path: string): string {
    const content = machine.files.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    return content;
  },
}));

/** Makes the machine report these processors and, on Linux, these files. */
function pretend(processors: number, files: Readonly<Record<string, string>> = {}): void {
  machine.processors = processors;
  machine.files = new Map(Object.entries(files));
}

/** A Linux with the allowed processors, each with its siblings. */
function linux(allowed: string, siblings: Readonly<Record<number, string>>): Record<string, string> {
  const files: Record<string, string> = {
    "/proc/self/status": `Name:\tnode\nCpus_allowed_list:\t${allowed}\nx:\t1\n`,
  };
  for (const [processor, list] of Object.entries(siblings)) {
    files[`/sys/devices/system/cpu/cpu${processor}/topology/thread_siblings_list`] = `${list}\n`;
  }
  return files;
}

describe("processors and cores", () => {
  test("of four cores with two threads each", () => {
    const pairs = { 0: "0,4", 1: "1,5", 2: "2,6", 3: "3,7", 4: "0,4", 5: "1,5", 6: "2,6", 7: "3,7" };
    pretend(8, linux("0-7", pairs));
    expect([logicalProcessors(), physicalCores()]).toEqual([8, 4]);
    pretend(3, linux("0,4-5", pairs));
    expect([logicalProcessors(), physicalCores()]).toEqual([3, 2]);
  });

  test("of cores with one thread each", () => {
    pretend(2, linux("0-1", { 0: "0", 1: "1" }));
    expect([logicalProcessors(), physicalCores()]).toEqual([2, 2]);
  });

  const eightCores = linux("0-7", Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, String(i)])));

  test.each([
    ["v2", (quota: string) => ({ "/sys/fs/cgroup/cpu.max": `${quota === "-1" ? "max" : quota} 100000\n` })],
    [
      "v1",
      (quota: string) => ({
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": `${quota}\n`,
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      }),
    ],
  ])("of a container that cgroup %s gives two and a half of eight, or half of one, or all", (_, files) => {
    for (const [quota, processors] of [
      ["250000", 2],
      ["50000", 1],
      ["-1", 8],
    ] as const) {
      pretend(8, { ...eightCores, ...files(quota) });
      expect([logicalProcessors(), physicalCores()]).toEqual([processors, processors]);
    }
  });

  test("of a container with both cgroups are v2's", () => {
    const v1 = {
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    };
    pretend(8, { ...eightCores, ...v1, "/sys/fs/cgroup/cpu.max": "max 100000\n" });
    expect(logicalProcessors()).toBe(8);
  });

  test("are halved where nobody tells which are siblings", () => {
    for (const [processors, cores] of [
      [1, 1],
      [2, 1],
      [8, 4],
      [9, 4],
    ] as const) {
      pretend(processors);
      expect([logicalProcessors(), physicalCores()]).toEqual([processors, cores]);
    }
    pretend(4, { "/proc/self/status": "Cpus_allowed_list:\t0-3\n" });
    expect(physicalCores()).toBe(2);
  });
});
