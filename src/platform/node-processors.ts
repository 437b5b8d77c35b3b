import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Processors this process may keep busy at a time; siblings on one core count each. */
export function logicalProcessors(): number {
  return Math.max(1, Math.min(availableParallelism(), linuxQuota() ?? Infinity));
}

/**
 * Cores this process may keep busy at a time. Two threads on one core share its multipliers, so the second one helps these
 * kernels little. Linux tells which processors are siblings; elsewhere half of them is taken, which is right for x86 with
 * hyperthreads and leaves Apple's slow cores out.
 */
export function physicalCores(): number {
  const logical = logicalProcessors();
  return Math.max(1, Math.min(logical, linuxCores() ?? Math.floor(logical / 2)));
}

/** Distinct cores among the processors that this process may run on; undefined where the kernel does not say. */
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

/** Whole processors that a container is given ("200000 100000": 200 ms in 100 ms are two); undefined where it has no limit. */
function linuxQuota(): number | undefined {
  const [quota, period] = contentOf("/sys/fs/cgroup/cpu.max").split(" ").map(Number);
  return quota! > 0 && period! > 0 ? Math.floor(quota! / period!) : undefined;
}

/** A file's text; empty where it cannot be read. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
