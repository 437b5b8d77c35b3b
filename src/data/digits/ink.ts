import type { PenPoint, Trace } from "./trace.ts";

export const SIDE = 28;
const BOX = 20;
const MARGIN = (SIDE - BOX) / 2;

/** Fits traces into the 20×20 box in the middle of the image, as MNIST's makers did; radii are in pixels already. */
export function fitToBox(traces: readonly Trace[], softness: number): Trace[] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let [sum, n] = [0, 0];
  for (const trace of traces) {
    for (const { x, y, radius } of trace) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      sum += radius;
      n++;
    }
  }
  const scale = (BOX - (2 * sum) / n - softness) / Math.max(right - left, bottom - top);
  const x0 = SIDE / 2 - (scale * (left + right)) / 2;
  const y0 = SIDE / 2 - (scale * (top + bottom)) / 2;
  return traces.map((trace) => trace.map(({ x, y, radius }) => ({ x: x0 + scale * x, y: y0 + scale * y, radius })));
}

/** Coverage. */
export function layInk(coverage: Float64Array, trace: Trace, softness: number): void {
  for (let i = 1; i < trace.length; i++) inkSegment(coverage, trace[i - 1]!, trace[i]!, softness);
}

function inkSegment(coverage: Float64Array, from: PenPoint, to: PenPoint, softness: number): void {
  const reach = Math.max(from.radius, to.radius) + softness / 2;
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(from.x, to.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(from.y, to.y) + reach));
  const [dx, dy, dr] = [to.x - from.x, to.y - from.y, to.radius - from.radius];
  const lengthSquared = dx * dx + dy * dy + 1e-9;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - from.x;
      const py = row + 0.5 - from.y;
      const t = Math.max(0, Math.min(1, (px * dx + py * dy) / lengthSquared));
      const ex = px - t * dx;
      const ey = py - t * dy;
      const covered = 0.5 + (from.radius + t * dr - Math.sqrt(ex * ex + ey * ey)) / softness;
      const at = row * SIDE + column;
      if (covered > coverage[at]!) coverage[at] = covered;
    }
  }
}

/** Writes. */
export function develop(image: Uint8Array, coverage: Float64Array): void {
  let [mass, mx, my] = [0, 0, 0];
  for (let at = 0; at < coverage.length; at++) {
    const ramp = Math.min(1, coverage[at]!);
    const c = ramp * ramp * (3 - 2 * ramp);
    coverage[at] = c;
    mass += c;
    mx += c * (at % SIDE);
    my += c * Math.floor(at / SIDE);
  }
  const sx = Math.max(-MARGIN, Math.min(MARGIN, Math.round(SIDE / 2 - mx / mass)));
  const sy = Math.max(-MARGIN, Math.min(MARGIN, Math.round(SIDE / 2 - my / mass)));
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const [r, c] = [row - sy, column - sx];
      const inside = r >= 0 && r < SIDE && c >= 0 && c < SIDE;
      image[row * SIDE + column] = inside ? Math.floor(255 * coverage[r * SIDE + c]! + 0.5) : 0;
    }
  }
}
