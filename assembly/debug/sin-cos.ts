import { checkCall, checkInput, checkOutput, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { cosTurns, sinTurns } from "../math/sin-cos";

// sin[i] = sin 2πx[i] and cos[i] = cos 2πx[i], with x in turns, 0 <= x < 1; at most 2 ulp (math/sin-cos.ts). All
// buffers hold floats, are 4-byte aligned and do not overlap. Takes lanes of 4, then the tail through the same lanes.
// The range is elements.
export function sinCos(sin: usize, cos: usize, x: usize, begin: i32, end: i32): void {
  checkCall("sinCos", begin, end, UNKNOWN);
  checkOutput("sin", at(sin, begin), end - begin);
  checkOutput("cos", at(cos, begin), end - begin);
  checkInput("x", at(x, begin), end - begin);
  for (let i = begin; i < end; i += 4) {
    const count = end - i;
    const turns = loadLanes(at(x, i), count);
    storeLanes(at(sin, i), sinTurns(turns), count);
    storeLanes(at(cos, i), cosTurns(turns), count);
  }
}
