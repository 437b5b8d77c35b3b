import { checkCall, checkInput, checkOutput, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { accumulate, MAGNITUDE } from "./moments";

// One step of stochastic gradient descent with a momentum μ, as PyTorch's torch.optim.SGD has it (no dampening):
//   velocity = 0   w ← w - rate g
//   plain          b ← μ b + g,  w ← w - rate b
//   nesterov = 1   b ← μ b + g,  w ← w - rate (g + μ b)
//
//   w, velocity (b)  updated in place; velocity is address 0 for none
//   g                the gradient
//
// All buffers hold floats, are 4-byte aligned and do not overlap. |b| below 2^-100 becomes 0. The kernel takes lanes of
// 4 and the tail; there is no reduction. NaN in, NaN out. The range is elements.
export function sgd(
  w: usize,
  velocity: usize,
  g: usize,
  rate: f32,
  momentum: f32,
  nesterov: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const count = end - begin;
    checkCall("sgd", begin, end, UNKNOWN);
    checkOutput("w", at(w, begin), count);
    if (velocity) checkOutput("velocity", at(velocity, begin), count);
    checkInput("g", at(g, begin), count);
  }
  const rates = f32x4.splat(rate);
  const decay = f32x4.splat(momentum);
  const magnitude = i32x4.splat(MAGNITUDE);
  for (let i = begin; i < end; i += 4) {
    const rest = end - i;
    const gradient = loadLanes(at(g, i), rest);
    let direction = gradient;
    if (velocity != 0) {
      const b = accumulate(loadLanes(at(velocity, i), rest), gradient, decay, magnitude);
      storeLanes(at(velocity, i), b, rest);
      direction = nesterov != 0 ? f32x4.add(gradient, f32x4.mul(decay, b)) : b;
    }
    storeLanes(at(w, i), f32x4.sub(loadLanes(at(w, i), rest), f32x4.mul(rates, direction)), rest);
  }
}
