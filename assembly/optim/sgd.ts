import { at, loadLanes, storeLanes } from "../math/lanes";
import { accumulate, MAGNITUDE } from "./moments";

// One step of stochastic gradient descent with a momentum μ, as PyTorch's torch.optim.SGD has it (no dampening):
//   velocity = 0   w ← w - rate g
//   plain          b ← μ b + g,  w ← w - rate b
//   nesterov = 1   b ← μ b + g,  w ← w - rate (g + μ b)
// w, velocity (b): updated in place; g: the gradient; floats, 4-byte aligned. |b| below 2^-100 becomes 0. Lanes of 4 and
// the tail; no reduction. NaN in, NaN out. The range is elements.
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
