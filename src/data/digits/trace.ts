/** A point of the pen's path, with half the width of the ink there. */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** The path of the pen from setting down to lifting, as points close enough together to be joined by straight lines. */
export type Trace = readonly PenPoint[];

const STEPS_PER_SPAN = 4;

/**
 * The Catmull–Rom spline through the points: between points 1 and 2 it is the cubic that leaves along 0→2 and arrives
 * along 1→3; the radius changes evenly. A point given twice in succession is a corner: it stops both tangents.
 * `cutStart` and `cutEnd` are the parts of the first and last span that are left out, below 1; below 0 the line is
 * longer.
 * Source: Catmull, Rom, "A class of local interpolating splines", 1974.
 */
export function splineThrough(points: readonly PenPoint[], cutStart: number, cutEnd: number): Trace {
  const trace: PenPoint[] = [];
  const last = points.length - 1;
  for (let span = 0; span < last; span++) {
    const [p1, p2] = [points[span]!, points[span + 1]!];
    if (p1 === p2) continue;
    const [p0, p3] = [points[Math.max(span - 1, 0)]!, points[Math.min(span + 2, last)]!];
    const start = span === 0 ? cutStart : 0;
    const end = span === last - 1 ? 1 - cutEnd : 1;
    for (let step = span === 0 ? 0 : 1; step <= STEPS_PER_SPAN; step++) {
      const t = start + ((end - start) * step) / STEPS_PER_SPAN;
      trace.push({
        x: cubic(p0.x, p1.x, p2.x, p3.x, t),
        y: cubic(p0.y, p1.y, p2.y, p3.y, t),
        radius: p1.radius + (p2.radius - p1.radius) * t,
      });
    }
  }
  return trace;
}

function cubic(v0: number, v1: number, v2: number, v3: number, t: number): number {
  const c1 = (v2 - v0) / 2;
  const c2 = v0 - 2.5 * v1 + 2 * v2 - v3 / 2;
  const c3 = (v3 - v0) / 2 + 1.5 * (v1 - v2);
  return v1 + t * (c1 + t * (c2 + t * c3));
}
