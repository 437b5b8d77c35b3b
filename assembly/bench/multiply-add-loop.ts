import { checkAtLeast, checkCall, checkOutput, UNKNOWN } from "../contract";
import { at } from "../math/lanes";

// Flops of one round: 2 steps * 15 chains * 4 lanes * 2.
export const FLOPS_PER_ROUND: i32 = 240;

// Measures the limit of the machine: how many multiplications and additions on 128 bits it does when neither memory nor
// latency slows them.
//
// Position p, with r = x[4p .. 4p+3], starts 15 chains at r. A round takes two steps value = value * r + r in each
// chain. The kernel leaves the sum of the chains in x[4p .. 4p+3]. x holds 4 floats a position and is 4-byte aligned.
// Its best value is 0.5: values then run to 1; denormals would be slow. The range is positions.
//
// An addition waits for its multiplication, 6 cycles in all: 12 chains reach 91 % of the speed of 15. 15 chains and r
// fill the 16 registers of x64. r is loaded because a constant would be built anew in the loop. The exit between the
// two steps is never taken; it keeps V8 from reordering them.
export function multiplyAddLoop(x: usize, rounds: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("multiplyAddLoop", begin, end, UNKNOWN);
    checkAtLeast("rounds", rounds, 0);
    checkOutput("x", at(x, 4 * begin), 4 * (end - begin));
  }
  for (let position = begin; position < end; position++) {
    const address = x + ((<usize>position) << 4);
    const r = v128.load(address);
    let a = r;
    let b = r;
    let c = r;
    let d = r;
    let e = r;
    let f = r;
    let g = r;
    let h = r;
    let i = r;
    let j = r;
    let k = r;
    let l = r;
    let m = r;
    let n = r;
    let o = r;
    for (let round = rounds; round > 0; round--) {
      a = f32x4.add(f32x4.mul(a, r), r);
      b = f32x4.add(f32x4.mul(b, r), r);
      c = f32x4.add(f32x4.mul(c, r), r);
      d = f32x4.add(f32x4.mul(d, r), r);
      e = f32x4.add(f32x4.mul(e, r), r);
      f = f32x4.add(f32x4.mul(f, r), r);
      g = f32x4.add(f32x4.mul(g, r), r);
      h = f32x4.add(f32x4.mul(h, r), r);
      i = f32x4.add(f32x4.mul(i, r), r);
      j = f32x4.add(f32x4.mul(j, r), r);
      k = f32x4.add(f32x4.mul(k, r), r);
      l = f32x4.add(f32x4.mul(l, r), r);
      m = f32x4.add(f32x4.mul(m, r), r);
      n = f32x4.add(f32x4.mul(n, r), r);
      o = f32x4.add(f32x4.mul(o, r), r);
      if (round == -3) break;
      a = f32x4.add(f32x4.mul(a, r), r);
      b = f32x4.add(f32x4.mul(b, r), r);
      c = f32x4.add(f32x4.mul(c, r), r);
      d = f32x4.add(f32x4.mul(d, r), r);
      e = f32x4.add(f32x4.mul(e, r), r);
      f = f32x4.add(f32x4.mul(f, r), r);
      g = f32x4.add(f32x4.mul(g, r), r);
      h = f32x4.add(f32x4.mul(h, r), r);
      i = f32x4.add(f32x4.mul(i, r), r);
      j = f32x4.add(f32x4.mul(j, r), r);
      k = f32x4.add(f32x4.mul(k, r), r);
      l = f32x4.add(f32x4.mul(l, r), r);
      m = f32x4.add(f32x4.mul(m, r), r);
      n = f32x4.add(f32x4.mul(n, r), r);
      o = f32x4.add(f32x4.mul(o, r), r);
    }
    const first = f32x4.add(f32x4.add(a, b), f32x4.add(c, f32x4.add(d, e)));
    const second = f32x4.add(f32x4.add(f, g), f32x4.add(h, f32x4.add(i, j)));
    const third = f32x4.add(f32x4.add(k, l), f32x4.add(m, f32x4.add(n, o)));
    v128.store(address, f32x4.add(f32x4.add(first, second), third));
  }
}
