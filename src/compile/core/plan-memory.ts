import { align } from "../../runtime/memory.ts";
import type { Storage } from "./buffer.ts";

/**
 * Gives every storage of the arena an offset such that no two that are alive at the same step overlap, the largest
 * first, each at the lowest place that is free during its life ("greedy by size", Pisarchyk & Lee 2020,
 * https://arxiv.org/abs/2001.03288). Returns the arena's size in bytes.
 */
export function planMemory(storages: readonly Storage[]): number {
  const alive = storages.filter((storage) => storage.firstStep <= storage.lastStep);
  const placed: Storage[] = [];
  let arenaBytes = 0;
  for (const storage of alive.sort((a, b) => b.byteLength - a.byteLength)) {
    storage.arenaOffset = lowestFree(storage, placed);
    arenaBytes = Math.max(arenaBytes, endOf(storage));
    placed.push(storage);
  }
  return arenaBytes;
}

/** The lowest offset where the storage fits between those that live at the same time. */
function lowestFree(storage: Storage, placed: readonly Storage[]): number {
  const neighbours = placed
    .filter((other) => other.firstStep <= storage.lastStep && storage.firstStep <= other.lastStep)
    .sort((a, b) => a.arenaOffset - b.arenaOffset);
  let offset = 0;
  for (const other of neighbours) {
    if (offset + align(storage.byteLength) <= other.arenaOffset) break;
    offset = Math.max(offset, endOf(other));
  }
  return offset;
}

function endOf(storage: Storage): number {
  return storage.arenaOffset + align(storage.byteLength);
}
