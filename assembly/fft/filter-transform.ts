import { checkAtMost, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { PLANES, POINTS, SCRATCH_FLOATS } from "./spectrum";
import { clearTile, spectrumOfTile } from "./tile-spectrum";
import { TWIDDLES } from "./transforms";

// U: the spectrum of a filter, for each pair of an input and an output channel, as the right-hand matrices of products
// over the input channels. The filter is laid out backwards from (0, 0), so that products with U convolve as networks
// do.
//
//   u        [ceil(outChannels/16) panels][382 planes, see spectrum.ts][inChannels][16], with planeStride floats from
//            one plane to the next, and 0 in the columns past outChannels
//   filter   [height, width, inChannels, outChannels], height and width <= 16
//   twiddles, scratch   as in input-transform.ts
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms rows first, then columns. The range is input
// channels.
export function fftFilter(
  u: usize,
  filter: usize,
  twiddles: usize,
  height: i32,
  width: i32,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("fftFilter", begin, end, inChannels);
    checkSize("height", height);
    checkSize("width", width);
    checkAtMost("height", height, POINTS);
    checkAtMost("width", width, POINTS);
    checkSize("outChannels", outChannels);
    checkOutput("u", u, (((outChannels + 15) >> 4) * PLANES - 1) * planeStride + 16 * inChannels);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("filter", filter, height * width * inChannels * outChannels);
    checkInput("twiddles", twiddles, TWIDDLES);
  }
  const plane = (<usize>planeStride) << 2;
  const tap = (<usize>(inChannels * outChannels)) << 2;
  const row = <usize>width * tap;
  clearTile(scratch, height, width);
  for (let k = 0; k < outChannels; k += 16) {
    const panel = at(u, (k >> 4) * PLANES * planeStride);
    for (let c = begin; c < end; c++) {
      const from = at(filter, c * outChannels + k);
      const lanes = at(panel, c << 4);
      spectrumOfTile(lanes, plane, from, row, tap, height, width, 0, 0, -1, outChannels - k, scratch, twiddles);
    }
  }
}
