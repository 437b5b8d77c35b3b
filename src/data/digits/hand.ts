import type { Dice } from "./dice.ts";
import type { Glyph } from "./glyphs.ts";
import { Mesh } from "./mesh.ts";
import { splineThrough, type PenPoint, type Trace } from "./trace.ts";

/**
 * The way in which one writer and one pen draw any skeleton. Lengths are in hundredths of the digit's height, unless
 * another unit is given.
 */
interface Hand {
  /** Distance by which the top leans to the right, for each unit of height. */
  readonly slant: number;
  /** Half the tangent of the angle by which the whole digit is turned. */
  readonly turn: number;
  /** Width, as a multiple of the skeleton's. */
  readonly width: number;
  /** Standard deviation of each point by itself. */
  readonly tremor: number;
  /** Bends neighbouring points together. */
  readonly mesh: Mesh;
  /** Half the width of the line. */
  readonly pen: number;
  /** Slow changes of the pen's width: a relative deviation at each point of the skeleton. */
  readonly pressure: number;
  /** Quick changes of the pen's width: the largest relative change at each point of the trace. */
  readonly roughness: number;
  /** The relative difference in width between upright and level lines, from an oblong nib. */
  readonly nib: number;
}

/** A digit as one writer writes it once: the traces of its strokes, in hundredths of its height. */
export function writeGlyph(glyph: Glyph, dice: Dice): Trace[] {
  const hand = drawHand(dice);
  return glyph.strokes.map((stroke) => writeStroke(stroke, hand, dice));
}

/** These numbers come from a comparison with MNIST: of pictures, widths, slants and strokes. */
function drawHand(dice: Dice): Hand {
  return {
    slant: dice.around(0.13, 0.24),
    turn: dice.around(0, 0.03),
    width: dice.around(1.06, 0.15),
    tremor: dice.between(0.5, 2.6),
    mesh: new Mesh(dice, dice.between(4, 19)),
    // A third of the writers had a felt pen, the others a ball pen.
    pen: dice.between(0, 1) < 0.33 ? dice.around(9.2, 1.15) : dice.around(6.95, 1),
    pressure: dice.between(0.04, 0.2),
    roughness: dice.between(0.05, 0.25),
    nib: dice.around(0.03, 0.1),
  };
}

function writeStroke(stroke: readonly number[], hand: Hand, dice: Dice): Trace {
  const points: PenPoint[] = [];
  for (let i = 0; i < stroke.length; i += 2) {
    const corner = i > 0 && stroke[i] === stroke[i - 2] && stroke[i + 1] === stroke[i - 1];
    points.push(corner ? points.at(-1)! : place(stroke[i]!, stroke[i + 1]!, hand, dice));
  }
  // Pens are set down and lifted in movement: lines begin and end thinner, and a little early or late.
  points[0] = press(points[0]!, dice.between(0.6, 1.15));
  points.push(press(points.pop()!, dice.between(0.4, 1.1)));
  const trace = splineThrough(points, dice.between(-0.15, 0.5), dice.between(-0.2, 0.5));
  return trace.map((point, i) => {
    const roughness = 1 + dice.between(-hand.roughness, hand.roughness);
    return press(point, roughness * nibFactor(hand.nib, trace[Math.max(i - 1, 0)]!, trace[i + 1] ?? point));
  });
}

/** The place of a skeleton's point, and the pressure of the pen there. */
function place(skeletonX: number, skeletonY: number, hand: Hand, dice: Dice): PenPoint {
  const [bentX, bentY] = hand.mesh.bend(skeletonX / 100, skeletonY / 100);
  const y = skeletonY - 50 + bentY + dice.around(0, hand.tremor);
  const x = (skeletonX - 50 + bentX) * hand.width + dice.around(0, hand.tremor) - hand.slant * y;
  // A rotation without sine and cosine, which engines round differently: the circle's rational parametrisation.
  const square = hand.turn * hand.turn;
  const cos = (1 - square) / (1 + square);
  const sin = (2 * hand.turn) / (1 + square);
  return { x: cos * x - sin * y, y: sin * x + cos * y, radius: hand.pen * dice.around(1, hand.pressure) };
}

function press(point: PenPoint, factor: number): PenPoint {
  return { x: point.x, y: point.y, radius: point.radius * factor };
}

/** 1 + nib for a line that goes straight down, 1 − nib for one across. */
function nibFactor(nib: number, before: PenPoint, after: PenPoint): number {
  const dx = after.x - before.x;
  const dy = after.y - before.y;
  const squared = dx * dx + dy * dy;
  return squared > 0 ? 1 + (nib * (dy * dy - dx * dx)) / squared : 1;
}
