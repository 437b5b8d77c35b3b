// The fast Fourier transform (FFT) of sixteen numbers (Cooley & Tukey 1965, as four by four):
//
//   X[k] = sum over n of x[n] w^(n k),   w = e^(-2 pi i / 16),   n = b + 4 a,   k = d + 4 c
//        = sum over b of i^(-b c) . w^(b d) . (sum over a of i^(-a d) x[b + 4 a])
//
// It makes four butterflies of four, multiplies by the twiddle factors w^(b d), and makes four butterflies again.
// Additions and multiplications come in the order written below; the only factors are the twiddle factors.
//
// Sixteen real numbers have a spectrum of eight complex numbers and two real ones, since X[16 - k] is the conjugate of
// X[k]. It is packed as X[0], X[8], and for k = 1 .. 7 the real and the imaginary part of X[k].
//
// Each number stands for the numbers of sixteen channels side by side, 64 bytes; a loop transforms four of them at a
// time. Addresses and steps are in bytes; an imaginary part lies `im` bytes behind its real part.
//
//   twiddles  w^(b d) for b = 0 .. 3 and d = 1 .. 3, as [4][3][2][4] floats: the real part four times, then the
//             imaginary part
//   spare     [32][4] floats, for the numbers between the two rounds of butterflies

// Floats of the twiddle factors.
export const TWIDDLES: i32 = 4 * 3 * 2 * 4;

// Bytes of sixteen channels.
const REAL: usize = 64;

// Transforms sixteen complex numbers. With real and imaginary parts exchanged on both sides it is the inverse, but for
// its factor.
export function complexFft(
  to: usize,
  toStep: usize,
  toIm: usize,
  from: usize,
  fromStep: usize,
  fromIm: usize,
  twiddles: usize,
  spare: usize,
): void {
  for (let channel: usize = 0; channel < REAL; channel += 16) {
    twiddledButterflies(spare, from + channel, fromStep, fromIm, twiddles);
    butterflies(to + channel, toStep, toIm, spare);
  }
}

// The butterflies over a, times the twiddle factors, to [d][b] in spare: 32 bytes a complex number.
function twiddledButterflies(to: usize, from: usize, step: usize, im: usize, twiddles: usize): void {
  for (let b = 0; b < 4; b++, from += step, to += 32, twiddles += 96) {
    let p = from;
    const r0 = v128.load(p);
    const i0 = v128.load(p + im);
    p += 4 * step;
    const r1 = v128.load(p);
    const i1 = v128.load(p + im);
    p += 4 * step;
    const r2 = v128.load(p);
    const i2 = v128.load(p + im);
    p += 4 * step;
    const r3 = v128.load(p);
    const i3 = v128.load(p + im);
    const evenR = f32x4.add(r0, r2);
    const evenI = f32x4.add(i0, i2);
    const oddR = f32x4.add(r1, r3);
    const oddI = f32x4.add(i1, i3);
    v128.store(to, f32x4.add(evenR, oddR));
    v128.store(to, f32x4.add(evenI, oddI), 16);
    const apartR = f32x4.sub(r0, r2);
    const apartI = f32x4.sub(i0, i2);
    const crossR = f32x4.sub(r1, r3);
    const crossI = f32x4.sub(i1, i3);
    let r = f32x4.add(apartR, crossI);
    let i = f32x4.sub(apartI, crossR);
    let cos = v128.load(twiddles);
    let sin = v128.load(twiddles, 16);
    v128.store(to, f32x4.sub(f32x4.mul(r, cos), f32x4.mul(i, sin)), 128);
    v128.store(to, f32x4.add(f32x4.mul(r, sin), f32x4.mul(i, cos)), 144);
    r = f32x4.sub(evenR, oddR);
    i = f32x4.sub(evenI, oddI);
    cos = v128.load(twiddles, 32);
    sin = v128.load(twiddles, 48);
    v128.store(to, f32x4.sub(f32x4.mul(r, cos), f32x4.mul(i, sin)), 256);
    v128.store(to, f32x4.add(f32x4.mul(r, sin), f32x4.mul(i, cos)), 272);
    r = f32x4.sub(apartR, crossI);
    i = f32x4.add(apartI, crossR);
    cos = v128.load(twiddles, 64);
    sin = v128.load(twiddles, 80);
    v128.store(to, f32x4.sub(f32x4.mul(r, cos), f32x4.mul(i, sin)), 384);
    v128.store(to, f32x4.add(f32x4.mul(r, sin), f32x4.mul(i, cos)), 400);
  }
}

// The butterflies over b.
function butterflies(to: usize, step: usize, im: usize, from: usize): void {
  for (let d = 0; d < 4; d++, from += 128, to += step) {
    const r0 = v128.load(from);
    const i0 = v128.load(from, 16);
    const r1 = v128.load(from, 32);
    const i1 = v128.load(from, 48);
    const r2 = v128.load(from, 64);
    const i2 = v128.load(from, 80);
    const r3 = v128.load(from, 96);
    const i3 = v128.load(from, 112);
    const evenR = f32x4.add(r0, r2);
    const evenI = f32x4.add(i0, i2);
    const oddR = f32x4.add(r1, r3);
    const oddI = f32x4.add(i1, i3);
    const apartR = f32x4.sub(r0, r2);
    const apartI = f32x4.sub(i0, i2);
    const crossR = f32x4.sub(r1, r3);
    const crossI = f32x4.sub(i1, i3);
    let p = to;
    v128.store(p, f32x4.add(evenR, oddR));
    v128.store(p + im, f32x4.add(evenI, oddI));
    p += 4 * step;
    v128.store(p, f32x4.add(apartR, crossI));
    v128.store(p + im, f32x4.sub(apartI, crossR));
    p += 4 * step;
    v128.store(p, f32x4.sub(evenR, oddR));
    v128.store(p + im, f32x4.sub(evenI, oddI));
    p += 4 * step;
    v128.store(p, f32x4.sub(apartR, crossI));
    v128.store(p + im, f32x4.add(apartI, crossR));
  }
}

// Transforms sixteen real numbers into a packed spectrum. The two do not overlap.
export function realFft(to: usize, from: usize, fromStep: usize, twiddles: usize, spare: usize): void {
  for (let channel: usize = 0; channel < REAL; channel += 16) {
    realButterflies(spare, from + channel, fromStep);
    evenFft(to + channel, spare, twiddles);
    oddFft(to + channel, spare + 128, twiddles);
  }
}

// The butterflies over a, to [d = 0, d = 2, real part of d = 1, its imaginary part][b]. d = 3 is the conjugate of d =
// 1.
function realButterflies(to: usize, from: usize, step: usize): void {
  for (let b = 0; b < 4; b++, from += step, to += 16) {
    const x0 = v128.load(from);
    const x1 = v128.load(from + 4 * step);
    const x2 = v128.load(from + 8 * step);
    const x3 = v128.load(from + 12 * step);
    const even = f32x4.add(x0, x2);
    const odd = f32x4.add(x1, x3);
    v128.store(to, f32x4.add(even, odd));
    v128.store(to, f32x4.sub(even, odd), 64);
    v128.store(to, f32x4.sub(x0, x2), 128);
    v128.store(to, f32x4.sub(x3, x1), 192);
  }
}

// X[0], X[4] and X[8] from d = 0, X[2] and X[6] from d = 2.
function evenFft(to: usize, from: usize, twiddles: usize): void {
  const s0 = v128.load(from);
  const s1 = v128.load(from, 16);
  const s2 = v128.load(from, 32);
  const s3 = v128.load(from, 48);
  const even = f32x4.add(s0, s2);
  const odd = f32x4.add(s1, s3);
  v128.store(to, f32x4.add(even, odd));
  v128.store(to, f32x4.sub(even, odd), 64);
  v128.store(to, f32x4.sub(s0, s2), 512);
  v128.store(to, f32x4.sub(s3, s1), 576);
  const eighth = v128.load(twiddles, 128);
  const u0 = v128.load(from, 64);
  const u1 = v128.load(from, 80);
  const u2 = v128.load(from, 96);
  const u3 = v128.load(from, 112);
  const apart = f32x4.mul(eighth, f32x4.sub(u1, u3));
  const sum = f32x4.mul(eighth, f32x4.add(u1, u3));
  v128.store(to, f32x4.add(u0, apart), 256);
  v128.store(to, f32x4.neg(f32x4.add(u2, sum)), 320);
  v128.store(to, f32x4.sub(u0, apart), 768);
  v128.store(to, f32x4.sub(u2, sum), 832);
}

// X[1], X[5], X[7] and X[3] from d = 1, the last two as the conjugates of X[9] and X[13]: butterflies over b, times
// w^b.
function oddFft(to: usize, from: usize, twiddles: usize): void {
  const cos = v128.load(twiddles, 96);
  const sin = v128.load(twiddles, 112);
  const eighth = v128.load(twiddles, 128);
  let r = v128.load(from, 16);
  let i = v128.load(from, 80);
  const r1 = f32x4.sub(f32x4.mul(r, cos), f32x4.mul(i, sin));
  const i1 = f32x4.add(f32x4.mul(r, sin), f32x4.mul(i, cos));
  r = v128.load(from, 32);
  i = v128.load(from, 96);
  const r2 = f32x4.mul(eighth, f32x4.add(r, i));
  const i2 = f32x4.mul(eighth, f32x4.sub(i, r));
  r = v128.load(from, 48);
  i = v128.load(from, 112);
  // w^3 = -sin - i cos, of w's cos and sin.
  const r3 = f32x4.sub(f32x4.mul(i, cos), f32x4.mul(r, sin));
  const i3 = f32x4.neg(f32x4.add(f32x4.mul(r, cos), f32x4.mul(i, sin)));
  const r0 = v128.load(from);
  const i0 = v128.load(from, 64);
  const evenR = f32x4.add(r0, r2);
  const evenI = f32x4.add(i0, i2);
  const oddR = f32x4.add(r1, r3);
  const oddI = f32x4.add(i1, i3);
  v128.store(to, f32x4.add(evenR, oddR), 128);
  v128.store(to, f32x4.add(evenI, oddI), 192);
  v128.store(to, f32x4.sub(evenR, oddR), 896);
  v128.store(to, f32x4.sub(oddI, evenI), 960);
  const apartR = f32x4.sub(r0, r2);
  const apartI = f32x4.sub(i0, i2);
  const crossR = f32x4.sub(r1, r3);
  const crossI = f32x4.sub(i1, i3);
  v128.store(to, f32x4.add(apartR, crossI), 640);
  v128.store(to, f32x4.sub(apartI, crossR), 704);
  v128.store(to, f32x4.sub(apartR, crossI), 384);
  v128.store(to, f32x4.neg(f32x4.add(apartI, crossR)), 448);
}

// Transforms a packed spectrum, with X[0] and X[8] halved, back into eight times the numbers that realFft takes.
export function realFftInverse(to: usize, toStep: usize, from: usize, twiddles: usize, spare: usize): void {
  for (let channel: usize = 0; channel < REAL; channel += 16) {
    evenFftInverse(spare, from + channel, twiddles);
    oddFftInverse(to + channel, toStep, from + channel, twiddles, spare);
  }
}

// d = 0 and d = 2, which are real for each b, to [b][their sum, their difference].
function evenFftInverse(to: usize, from: usize, twiddles: usize): void {
  const mean = v128.load(from);
  const alternate = v128.load(from, 64);
  const even = f32x4.add(mean, alternate);
  const odd = f32x4.sub(mean, alternate);
  const eighth = v128.load(twiddles, 128);
  const r2 = v128.load(from, 256);
  const i2 = v128.load(from, 320);
  const r6 = v128.load(from, 768);
  const i6 = v128.load(from, 832);
  const r4 = v128.load(from, 512);
  let zero = f32x4.add(even, r4);
  let two = f32x4.add(r2, r6);
  v128.store(to, f32x4.add(zero, two));
  v128.store(to, f32x4.sub(zero, two), 16);
  zero = f32x4.sub(even, r4);
  two = f32x4.sub(i6, i2);
  v128.store(to, f32x4.add(zero, two), 64);
  v128.store(to, f32x4.sub(zero, two), 80);
  const i4 = v128.load(from, 576);
  zero = f32x4.sub(odd, i4);
  two = f32x4.mul(eighth, f32x4.sub(f32x4.sub(r2, i2), f32x4.add(r6, i6)));
  v128.store(to, f32x4.add(zero, two), 32);
  v128.store(to, f32x4.sub(zero, two), 48);
  zero = f32x4.add(odd, i4);
  two = f32x4.mul(eighth, f32x4.sub(f32x4.sub(r6, i6), f32x4.add(r2, i2)));
  v128.store(to, f32x4.add(zero, two), 96);
  v128.store(to, f32x4.sub(zero, two), 112);
}

// d = 1, with its conjugate d = 3, and the butterflies over d.
function oddFftInverse(to: usize, step: usize, from: usize, twiddles: usize, sums: usize): void {
  const r1 = v128.load(from, 128);
  const i1 = v128.load(from, 192);
  const r3 = v128.load(from, 384);
  const i3 = v128.load(from, 448);
  const r5 = v128.load(from, 640);
  const i5 = v128.load(from, 704);
  const r7 = v128.load(from, 896);
  const i7 = v128.load(from, 960);
  // X[9] is the conjugate of X[7], X[13] that of X[3].
  const evenR = f32x4.add(r1, r7);
  const evenI = f32x4.sub(i1, i7);
  const oddR = f32x4.add(r5, r3);
  const oddI = f32x4.sub(i5, i3);
  storeFour(to, step, sums, f32x4.add(evenR, oddR), f32x4.add(evenI, oddI));
  let r = f32x4.sub(evenR, oddR);
  let i = f32x4.sub(evenI, oddI);
  const eighth = v128.load(twiddles, 128);
  storeFour(to + 2 * step, step, sums + 64, f32x4.mul(eighth, f32x4.sub(r, i)), f32x4.mul(eighth, f32x4.add(r, i)));
  const apartR = f32x4.sub(r1, r7);
  const apartI = f32x4.add(i1, i7);
  const crossR = f32x4.sub(r5, r3);
  const crossI = f32x4.add(i5, i3);
  const cos = v128.load(twiddles, 96);
  const sin = v128.load(twiddles, 112);
  // Times w^-1 = cos - i sin, of w's cos and sin.
  r = f32x4.sub(apartR, crossI);
  i = f32x4.add(apartI, crossR);
  const twiddledR = f32x4.add(f32x4.mul(r, cos), f32x4.mul(i, sin));
  storeFour(to + step, step, sums + 32, twiddledR, f32x4.sub(f32x4.mul(i, cos), f32x4.mul(r, sin)));
  // Times w^-3 = -sin + i cos.
  r = f32x4.add(apartR, crossI);
  i = f32x4.sub(apartI, crossR);
  const negated = f32x4.add(f32x4.mul(r, sin), f32x4.mul(i, cos));
  storeFour(to + 3 * step, step, sums + 96, f32x4.neg(negated), f32x4.sub(f32x4.mul(r, cos), f32x4.mul(i, sin)));
}

// Writes x[b + 4 a] for a = 0 .. 3, where `to` is the place of b, from the sum and the difference of d = 0 and d = 2,
// and from d = 1.
function storeFour(to: usize, step: usize, sums: usize, r: v128, i: v128): void {
  const sum = v128.load(sums);
  const difference = v128.load(sums, 16);
  v128.store(to, f32x4.add(sum, r));
  v128.store(to + 4 * step, f32x4.sub(difference, i));
  v128.store(to + 8 * step, f32x4.sub(sum, r));
  v128.store(to + 12 * step, f32x4.add(difference, i));
}
