import { at } from "../math/lanes";
import { PLANES } from "./spectrum";
import { clearTile, spectrumOfTile } from "./tile-spectrum";

// U: the spectrum of a filter, laid out backwards from (0, 0) so that products with it convolve as networks do, for each pair of
// an input and an output channel; as the right-hand matrices of products over the input channels.
//
//   u        [ceil(outChannels/16) panels][382 planes, see spectrum.ts][inChannels][16], planes planeStride floats apart; columns
//            past outChannels are 0
//   filter   [height, width, inChannels, outChannels], height and width <= 16
//   turns, scratch   as in input-transform.ts
//
// Four-byte aligned; nothing overlaps. Rows first, then columns. The range is input channels.
export function fourierFilter(
  u: usize,
  filter: usize,
  turns: usize,
  height: i32,
  width: i32,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const plane = (<usize>planeStride) << 2;
  const tap = (<usize>(inChannels * outChannels)) << 2;
  const row = <usize>width * tap;
  clearTile(scratch, height, width);
  for (let k = 0; k < outChannels; k += 16) {
    const panel = at(u, (k >> 4) * PLANES * planeStride);
    for (let c = begin; c < end; c++) {
      const from = at(filter, c * outChannels + k);
      const lanes = at(panel, c << 4);
      spectrumOfTile(lanes, plane, from, row, tap, height, width, 0, 0, -1, outChannels - k, scratch, turns);
    }
  }
}
