import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Number of processors that this process may keep busy at a time. Siblings on one core count each. */
export function logicalProcessors(): number {
  return Math.max(1, Math.min(availableParallelism(), linuxQuota() ?? Infinity));
}

/**
 * Number of cores that this process may keep busy at a time. Two threads on one core share its multipliers, so the
 * second one helps these kernels little. Linux tells which processors are siblings. Elsewhere half of the processors
 * are taken, which is right for x86 with hyperthreads and leaves Apple's slow cores out.
 */
export function physicalCores(): number {
  const logical = logicalProcessors();
  return Math.max(1, Math.min(logical, linuxCores() ?? Math.floor(logical / 2)));
}

/** Distinct cores among the processors that this process may run on; undefined if the kernel does not tell. */
function linuxCores(): number | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(contentOf("/proc/self/status"))?.[1];
  if (allowed === undefined) return undefined;
  const siblings = processorsIn(allowed).map((processor) =>
    contentOf(`/sys/devices/system/cpu/cpu${processor}/topology/thread_siblings_list`),
  );
  return siblings.includes("") ? undefined : new Set(siblings).size;
}

/** The numbers of a list like "0-3,8". */
function processorsIn(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Whole processors that a container is given: 200 ms in every 100 ms are two. Undefined if it has no limit. */
function linuxQuota(): number | undefined {
  const [quota, period] = cgroupQuota();
  return quota! > 0 && period! > 0 ? Math.floor(quota! / period!) : undefined;
}

/** Quota and period in µs: "200000 100000" in one file of cgroup v2, in two of v1. "max" or -1 is no limit. */
function cgroupQuota(): readonly number[] {
  const cpu = "/sys/fs/cgroup/cpu";
  const v2 = contentOf(`${cpu}.max`);
  const texts =
    v2 === "" ? [contentOf(`${cpu}/cpu.cfs_quota_us`), contentOf(`${cpu}/cpu.cfs_period_us`)] : v2.split(" ");
  return texts.map(Number);
}

/** A file's text; empty where it cannot be read. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
