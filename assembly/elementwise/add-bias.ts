import { checkCall, checkInPlace, checkInput, checkOutput, checkSize, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { map } from "./map";

// y = x + bias, channel by channel, then max(·, 0) where relu is not 0. y and x are [rows, channels], bias is
// [channels]; all are 4-byte aligned; y may be x and overlaps nothing else. The kernel goes row by row in lanes of 4
// along the channels (along the rows where there is one channel); there is no reduction. NaN in, NaN out. The range is
// rows.
export function addBias(y: usize, x: usize, bias: usize, channels: i32, relu: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    const floats = (end - begin) * channels;
    checkCall("addBias", begin, end, UNKNOWN);
    checkSize("channels", channels);
    checkOutput("y", at(y, begin * channels), floats);
    checkInPlace("x", at(x, begin * channels), floats);
    checkInput("bias", bias, channels);
  }
  // max(·, -inf) changes nothing, so that one loop does both.
  const floor: f32 = relu ? 0 : -Infinity;
  if (channels == 1) {
    if (relu) map<AddThenRelu>(y, x, v128.load32_splat(bias), begin, end);
    else map<AddScalar>(y, x, v128.load32_splat(bias), begin, end);
    return;
  }
  for (let row = begin; row < end; row++) {
    addBiasRow(at(y, row * channels), at(x, row * channels), bias, channels, floor);
  }
}

function addBiasRow(y: usize, x: usize, bias: usize, channels: i32, least: f32): void {
  const floor = f32x4.splat(least);
  let c = 0;
  for (; c <= channels - 16; c += 16) {
    const b = at(bias, c);
    const from = at(x, c);
    const to = at(y, c);
    const sum0 = f32x4.pmax(f32x4.add(v128.load(from), v128.load(b)), floor);
    const sum1 = f32x4.pmax(f32x4.add(v128.load(from, 16), v128.load(b, 16)), floor);
    const sum2 = f32x4.pmax(f32x4.add(v128.load(from, 32), v128.load(b, 32)), floor);
    const sum3 = f32x4.pmax(f32x4.add(v128.load(from, 48), v128.load(b, 48)), floor);
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    v128.store(to, sum2, 32);
    v128.store(to, sum3, 48);
  }
  for (; c <= channels - 4; c += 4) {
    v128.store(at(y, c), f32x4.pmax(f32x4.add(v128.load(at(x, c)), v128.load(at(bias, c))), floor));
  }
  if (c < channels) {
    const rest = channels - c;
    const sum = f32x4.add(loadLanes(at(x, c), rest), loadLanes(at(bias, c), rest));
    storeLanes(at(y, c), f32x4.pmax(sum, floor), rest);
  }
}

@unmanaged
class AddScalar {
  lanes(x: v128, bias: v128): v128 {
    return f32x4.add(x, bias);
  }
}

@unmanaged
class AddThenRelu {
  lanes(x: v128, bias: v128): v128 {
    return f32x4.pmax(f32x4.add(x, bias), f32x4.splat(0));
  }
}
