import { at } from "../math/lanes";

// y[ky, kx, co, ci] = filter[filterHeight - 1 - ky, filterWidth - 1 - kx, ci, co]: the filter that turns a stride-1
// convolution into the gradient of its input.
// filter: [filterHeight, filterWidth, inChannels, outChannels]; y: [filterHeight, filterWidth, outChannels,
// inChannels]; 4-byte aligned, not overlapping. Bits are moved. The range is taps ky * filterWidth + kx of y.
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
