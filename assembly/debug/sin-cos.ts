import { at, loadLanes, storeLanes } from "../math/lanes";
import { cosTurns, sinTurns } from "../math/sin-cos";

// sin[i] = sin 2πx[i] and cos[i] = cos 2πx[i], x in turns, 0 <= x < 1; at most 2 ulp (math/sin-cos.ts).
// Floats, 4-byte aligned, not overlapping. Lanes of 4, then the tail through the same lanes. The range is elements.
export function sinCos(sin: usize, cos: usize, x: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    const count = end - i;
    const turns = loadLanes(at(x, i), count);
    storeLanes(at(sin, i), sinTurns(turns), count);
    storeLanes(at(cos, i), cosTurns(turns), count);
  }
}
