import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";

// y[ky, kx, co, ci] = filter[filterHeight - 1 - ky, filterWidth - 1 - kx, ci, co]. The gradient of a stride-1
// convolution's input is a convolution by this filter.
//
//   y       [filterHeight, filterWidth, outChannels, inChannels]
//   filter  [filterHeight, filterWidth, inChannels, outChannels]
//
// Both buffers are 4-byte aligned and do not overlap. The kernel moves bits. The range is taps ky * filterWidth + kx of
// y.
export function flipFilter(
  y: usize,
  filter: usize,
  filterHeight: i32,
  filterWidth: i32,
  inChannels: i32,
  outChannels: i32,
  begin: i32,
  end: i32,
): void {
  const size = inChannels * outChannels;
  const taps = filterHeight * filterWidth;
  if (!ASC_NO_ASSERT) {
    checkCall("flipFilter", begin, end, taps);
    checkSize("inChannels", inChannels);
    checkSize("outChannels", outChannels);
    checkOutput("y", y, taps * size);
    checkInput("filter", filter, taps * size);
  }
  for (let tap = begin; tap < end; tap++) {
    transpose(at(y, tap * size), at(filter, (taps - 1 - tap) * size), inChannels, outChannels);
  }
}

// y[co, ci] = x[ci, co].
function transpose(y: usize, x: usize, inChannels: i32, outChannels: i32): void {
  for (let ci = 0; ci < inChannels; ci++) {
    const from = at(x, ci * outChannels);
    const to = at(y, ci);
    for (let co = 0; co < outChannels; co++) store<i32>(at(to, co * inChannels), load<i32>(at(from, co)));
  }
}
