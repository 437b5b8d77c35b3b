import { IMAGE_PIXELS, IMAGE_SIDE } from "../data-set.ts";
import type { PenPoint, Trace } from "./trace.ts";

/** Side of the box that a digit fills, in the middle of the image, before it is moved to its centre of mass. */
const BOX = 20;
const MARGIN = (IMAGE_SIDE - BOX) / 2;

/**
 * Puts pen traces onto images of 28×28 bytes in the way MNIST was made: the digit is scaled to fill a box of 20×20
 * pixels in height or width, drawn with soft edges, and moved by whole pixels until its centre of mass is in the
 * middle.
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998, section
 * III-A.
 */
export class Ink {
  /** Signed depth inside the ink, 0 at the outer end of the soft edge and 1 at the inner, of each pixel's centre. */
  readonly #depth = new Float64Array(IMAGE_PIXELS);

  /** Draws traces, in any unit of length, onto image [784]. Edges are soft over a width of `softness` pixels. */
  draw(image: Uint8Array, traces: readonly Trace[], softness: number): void {
    this.#depth.fill(0);
    for (const trace of fitToBox(traces, softness)) {
      for (let i = 1; i < trace.length; i++) this.#drawLine(trace[i - 1]!, trace[i]!, softness);
    }
    this.#develop(image);
  }

  /** Draws two circles and the area between them. For each pixel, the nearest point of the line gives the radius. */
  #drawLine(from: PenPoint, to: PenPoint, softness: number): void {
    const depth = this.#depth;
    const reach = Math.max(from.radius, to.radius) + softness / 2;
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(IMAGE_SIDE - 1, Math.floor(Math.max(from.x, to.x) + reach));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(IMAGE_SIDE - 1, Math.floor(Math.max(from.y, to.y) + reach));
    const [dx, dy, dr] = [to.x - from.x, to.y - from.y, to.radius - from.radius];
    const lengthSquared = dx * dx + dy * dy;
    const reachSquared = reach * reach;
    for (let row = top; row <= bottom; row++) {
      const py = row + 0.5 - from.y;
      for (let column = left, at = row * IMAGE_SIDE + left; column <= right; column++, at++) {
        if (depth[at]! >= 1) continue;
        const px = column + 0.5 - from.x;
        const along = px * dx + py * dy;
        const t = along <= 0 ? 0 : along >= lengthSquared ? 1 : along / lengthSquared;
        const ex = px - t * dx;
        const ey = py - t * dy;
        const squared = ex * ex + ey * ey;
        if (squared >= reachSquared) continue;
        const inside = 0.5 + (from.radius + t * dr - Math.sqrt(squared)) / softness;
        if (inside > depth[at]!) depth[at] = inside;
      }
    }
  }

  /** Turns depth into grey and moves the centre of mass to the middle. Only the box has ink. */
  #develop(image: Uint8Array): void {
    let [mass, momentX, momentY] = [0, 0, 0];
    for (let row = MARGIN; row < MARGIN + BOX; row++) {
      for (let column = MARGIN; column < MARGIN + BOX; column++) {
        const at = row * IMAGE_SIDE + column;
        const grey = softEdge(this.#depth[at]!);
        this.#depth[at] = grey;
        mass += grey;
        momentX += grey * column;
        momentY += grey * row;
      }
    }
    this.#moveTo(image, stepsToMiddle(momentX / mass), stepsToMiddle(momentY / mass));
  }

  #moveTo(image: Uint8Array, right: number, down: number): void {
    image.fill(0);
    for (let row = MARGIN; row < MARGIN + BOX; row++) {
      const from = row * IMAGE_SIDE;
      const to = (row + down) * IMAGE_SIDE + right;
      for (let column = MARGIN; column < MARGIN + BOX; column++) {
        image[to + column] = Math.floor(255 * this.#depth[from + column]! + 0.5);
      }
    }
  }
}

/** From 0 to 1, flat at both ends: scanned strokes have many pixels nearly empty or nearly full, and few between. */
function softEdge(depth: number): number {
  return depth >= 1 ? 1 : depth * depth * (3 - 2 * depth);
}

/** The shift is never more than the margin, so that no ink is lost. */
function stepsToMiddle(centre: number): number {
  return Math.max(-MARGIN, Math.min(MARGIN, Math.floor(IMAGE_SIDE / 2 - centre + 0.5)));
}

/** Fits everything, radii and the soft edge included, into the box in the middle of the image. */
function fitToBox(traces: readonly Trace[], softness: number): Trace[] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const trace of traces) {
    for (const { x, y, radius } of trace) {
      left = Math.min(left, x - radius);
      right = Math.max(right, x + radius);
      top = Math.min(top, y - radius);
      bottom = Math.max(bottom, y + radius);
    }
  }
  const scale = (BOX - softness) / Math.max(right - left, bottom - top);
  const x0 = (IMAGE_SIDE - scale * (left + right)) / 2;
  const y0 = (IMAGE_SIDE - scale * (top + bottom)) / 2;
  return traces.map((trace) =>
    trace.map(({ x, y, radius }) => ({ x: x0 + scale * x, y: y0 + scale * y, radius: scale * radius })),
  );
}
