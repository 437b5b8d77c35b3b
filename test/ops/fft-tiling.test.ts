// The outputs that a tile may have, checked against a circular window of 16 places on one axis.
import { expect, test } from "vitest";
import { tilingOf } from "../../src/engine/lowering/convolution/fft-tiling.ts";
import { below, randomSource } from "../support/random.ts";

const POINTS = 16;

interface Axis {
  readonly inputs: number;
  readonly taps: number;
  readonly before: number;
  readonly outputs: number;
}

/** Every padding on both sides that is shorter than the filter, and leaves an output. */
const axes: readonly Axis[] = numbersTo(40).flatMap((inputs) =>
  numbersTo(POINTS).flatMap((taps) =>
    numbersTo(taps).flatMap((before) =>
      numbersTo(taps)
        .map((after) => ({ inputs, taps, before: before - 1, outputs: inputs + before - 1 + after - taps }))
        .filter(({ outputs }) => outputs > 0),
    ),
  ),
);

/** 1 … n */
function numbersTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

/** Integers: sums of their products are exact, and different sums are hardly ever equal. */
const random = randomSource(5);
const weights = numbersTo(POINTS).map(() => 1 + below(random, 2 ** 13));
const pixels = numbersTo(40).map(() => 1 + below(random, 2 ** 13));

/**
 * Tells whether this number of first outputs of the tile that begins here are a circular convolution of what it sees.
 */
function isRight({ inputs, taps, before, outputs }: Axis, first: number, count: number): boolean {
  const seen = new Float64Array(POINTS);
  for (let place = 0; place < POINTS; place++) {
    const input = first - before + place;
    if (input >= 0 && input < inputs) seen[place] = pixels[input]!;
  }
  for (let i = 0; i < Math.min(count, outputs - first); i++) {
    let [circular, direct] = [0, 0];
    for (let tap = 0; tap < taps; tap++) {
      circular += weights[tap]! * seen[(i + tap) % POINTS]!;
      const input = first + i - before + tap;
      if (input >= 0 && input < inputs) direct += weights[tap]! * pixels[input]!;
    }
    if (circular !== direct) return false;
  }
  return true;
}

/** Sizes on a vertical axis, beside an axis of a single pixel, or on a horizontal one. */
function tilingOfAxis({ inputs, taps, before, outputs }: Axis, down: boolean): { outputs: number; tiles: number } {
  const one = { inputs: 1, taps: 1, before: 0, outputs: 1 };
  const [rows, columns] = down ? [{ inputs, taps, before, outputs }, one] : [one, { inputs, taps, before, outputs }];
  const { height, width, ...tiles } = tilingOf({
    batch: 1,
    inHeight: rows.inputs,
    inWidth: columns.inputs,
    inChannels: 16,
    filterHeight: rows.taps,
    filterWidth: columns.taps,
    strideHeight: 1,
    strideWidth: 1,
    padTop: rows.before,
    padLeft: columns.before,
    outHeight: rows.outputs,
    outWidth: columns.outputs,
  })!;
  return down ? { outputs: height, tiles: tiles.down } : { outputs: width, tiles: tiles.across };
}

test("every tile's outputs are right, and one tile has them all wherever that is right", () => {
  let wrapped = 0;
  const wrong: unknown[] = [];
  for (const axis of axes) {
    const { outputs, tiles } = tilingOfAxis(axis, true);
    const all = (tiles - 1) * outputs < axis.outputs && tiles * outputs >= axis.outputs;
    const right = all && Array.from({ length: tiles }, (_, i) => i * outputs).every((at) => isRight(axis, at, outputs));
    const missed = tiles > 1 && axis.outputs <= POINTS && isRight(axis, 0, axis.outputs);
    if (!right || missed) wrong.push({ axis, outputs, tiles });
    if (tiles === 1 && axis.outputs > POINTS - axis.taps + 1) wrapped++;
    const across = tilingOfAxis(axis, false);
    if (across.outputs !== outputs || across.tiles !== tiles) wrong.push({ axis, across });
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(axes.length).toBeGreaterThan(10_000);
  expect(wrapped).toBeGreaterThan(500);
});
