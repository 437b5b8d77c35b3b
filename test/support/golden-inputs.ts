// The inputs of test/golden/*.json, rebuilt from three lines of arithmetic (see test/golden/README.md).

/** uniform(salt, i): a hash of two integers, as a float64 in [0, 1). */
export function uniform(salt: number, i: number): number {
  let h = (Math.imul(i, 0x9e3779b1) + salt) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b) >>> 0;
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35) >>> 0;
  h ^= h >>> 16;
  return (h >>> 0) / 4294967296;
}

const NAMES = [
  ...["d_w1", "d_b1", "d_w2", "d_b2", "d_w3", "d_b3", "d_w4", "d_b4"],
  ...["g_w1", "g_b1", "g_w2", "g_b2", "g_w3", "g_b3", "g_w4", "g_b4"],
  ...["bn1/beta", "bn2/beta", "bn3/beta"],
];

/** The values of a variable before the first step. */
export function goldenVariable(salt: number, name: string, size: number): Float32Array {
  const width = name.includes("_w") || name.startsWith("g_b") ? 0.07 : 0.02;
  const stream = salt * 100003 + NAMES.indexOf(name);
  return Float32Array.from({ length: size }, (_, i) => (uniform(stream, i) - 0.5) * width);
}

/** z number k. */
export function goldenLatent(salt: number, k: number, size: number): Float32Array {
  const stream = salt * 100003 + 500 + k;
  return Float32Array.from({ length: size }, (_, i) => {
    const u = (j: number): number => uniform(stream, 4 * i + j);
    return (u(0) + u(1) + u(2) + u(3) - 2) * 1.7320508075688772;
  });
}

/** Real batch k where the images are "hash". */
export function goldenImages(salt: number, k: number, batch: number): Float32Array {
  const stream = salt * 100003 + 2000 + k;
  return Float32Array.from({ length: batch * 784 }, (_, i) => Math.max(0, 5 * uniform(stream, i) - 4));
}
