import { at, loadLanes, storeLanes } from "../math/lanes";
import { lineAt, lineFromRow, PLANES, rowsFromPlanes, SCALE } from "./spectrum";

// dFilter from its spectrum, for each pair of an input and an output channel; if asked, added to dFilter.
//
//   dFilter  [height, width, inChannels, outChannels], height and width <= 16
//   du       [ceil(outChannels/16) panels][382 planes, see spectrum.ts][inChannels][16], planes planeStride floats apart
//   turns, scratch   as in input-transform.ts
//
// Four-byte aligned; nothing overlaps. Columns first, then rows. The range is input channels.
export function fourierFilterGrad(
  dFilter: usize,
  du: usize,
  turns: usize,
  height: i32,
  width: i32,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  accumulate: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const plane = (<usize>planeStride) << 2;
  const tap = (<usize>(inChannels * outChannels)) << 2;
  for (let k = 0; k < outChannels; k += 16) {
    const panel = at(du, (k >> 4) * PLANES * planeStride);
    for (let c = begin; c < end; c++) {
      rowsFromPlanes(scratch, at(panel, c << 4), plane, turns);
      let to = at(dFilter, c * outChannels + k);
      for (let i = 0; i < height; i++, to += <usize>width * tap) {
        lineFromRow(scratch, i, turns);
        storeTaps(to, tap, lineAt(scratch), width, accumulate, outChannels - k);
      }
    }
  }
}

function storeTaps(to: usize, tap: usize, from: usize, width: i32, accumulate: i32, count: i32): void {
  const scale = f32x4.splat(SCALE);
  for (let j = 0; j < width; j++, to += tap, from += 64) {
    for (let c = 0; c < min<i32>(count, 16); c += 4) {
      const gradient = f32x4.mul(scale, v128.load(at(from, c)));
      const p = at(to, c);
      storeLanes(p, accumulate ? f32x4.add(loadLanes(p, count - c), gradient) : gradient, count - c);
    }
  }
}
