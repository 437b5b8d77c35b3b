import type { Dice } from "./dice.ts";
import type { Glyph } from "./glyphs.ts";
import { splineThrough, type PenPoint, type Trace } from "./trace.ts";

/** Points of the mesh that bends the glyph, in each direction. */
const MESH = 4;

/** What one writer does to a skeleton: which way it leans, how wide and how crooked it is, and with what pen. */
interface Hand {
  readonly slant: number;
  readonly turn: number;
  readonly width: number;
  readonly tremor: number;
  readonly mesh: Float64Array;
  readonly pen: number;
  readonly roughness: number;
  readonly nib: number;
  readonly pressure: number;
}

export function writeGlyph(glyph: Glyph, dice: Dice): Trace[] {
  const hand = drawHand(dice);
  return glyph.strokes.map((stroke) => writeStroke(stroke, hand, dice));
}

function drawHand(dice: Dice): Hand {
  const bend = dice.between(4, 19);
  return {
    slant: dice.around(0.13, 0.24),
    turn: dice.around(0, 0.06),
    width: dice.around(1.06, 0.15),
    tremor: dice.between(0.5, 2.6),
    mesh: Float64Array.from({ length: 2 * MESH * MESH }, () => dice.around(0, bend)),
    pen: dice.chance(0.33) ? dice.around(1.66, 0.22) : dice.around(1.2, 0.17),
    roughness: dice.between(0.05, 0.25),
    nib: dice.around(0.03, 0.1),
    pressure: dice.between(0.04, 0.2),
  };
}

function writeStroke(stroke: readonly number[], hand: Hand, dice: Dice): Trace {
  const points: PenPoint[] = [];
  for (let i = 0; i < stroke.length; i += 2) {
    const corner = i > 0 && stroke[i] === stroke[i - 2] && stroke[i + 1] === stroke[i - 1];
    points.push(corner ? points.at(-1)! : movePoint(stroke[i]!, stroke[i + 1]!, hand, dice));
  }
  const ends = points.length - 1;
  points[0] = { ...points[0]!, radius: points[0]!.radius * dice.between(0.6, 1.15) };
  points[ends] = { ...points[ends]!, radius: points[ends]!.radius * dice.between(0.4, 1.1) };
  const trace = splineThrough(points, dice.between(-0.25, 0.5), dice.between(-0.35, 0.5));
  return trace.map((point, i) => {
    const before = trace[Math.max(i - 1, 0)]!;
    const after = trace[Math.min(i + 1, trace.length - 1)]!;
    const [dx, dy] = [after.x - before.x, after.y - before.y];
    const nib = 1 + hand.nib * (dy * dy - dx * dx) / (dx * dx + dy * dy + 1e-9);
    const radius = point.radius * nib * (1 + dice.between(-hand.roughness, hand.roughness));
    return { x: point.x, y: point.y, radius };
  });
}

function movePoint(px: number, py: number, hand: Hand, dice: Dice): PenPoint {
  const [u, v] = [px / 100, py / 100];
  const [dx, dy] = bend(hand.mesh, u, v);
  const x = (px - 50 + dx) * hand.width + dice.around(0, hand.tremor);
  const y = py - 50 + dy + dice.around(0, hand.tremor);
  const cos = (1 - hand.turn * hand.turn) / (1 + hand.turn * hand.turn);
  const sin = (2 * hand.turn) / (1 + hand.turn * hand.turn);
  const leaning = x - hand.slant * y;
  return {
    x: cos * leaning - sin * y,
    y: sin * leaning + cos * y,
    radius: hand.pen * dice.around(1, hand.pressure),
  };
}

function bend(mesh: Float64Array, u: number, v: number): [number, number] {
  const [bu, bv] = [bernstein(u), bernstein(v)];
  let [dx, dy] = [0, 0];
  for (let row = 0; row < MESH; row++) {
    for (let column = 0; column < MESH; column++) {
      const weight = bu[column]! * bv[row]!;
      dx += weight * mesh[2 * (row * MESH + column)]!;
      dy += weight * mesh[2 * (row * MESH + column) + 1]!;
    }
  }
  return [dx, dy];
}

function bernstein(t: number): [number, number, number, number] {
  const s = 1 - t;
  return [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
}
