import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { timedCalls, warmUpOf } from "../../../src/cli/measure/timed-calls.ts";
import { TILES_ARE_CHOSEN_AFTER } from "../../../src/engine/runtime/tile-probe.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

/** Calls of which each takes the next of these times, and the last one ever after. */
function taking(...times: number[]): () => void {
  return () => void vi.advanceTimersByTime(times.length > 1 ? times.shift()! : times[0]!);
}

describe("timed calls", () => {
  it("do not tell the first one, which compiles", () => {
    expect(timedCalls(taking(90, 10), { warmUp: 0, measure: 30, atLeast: 1 })).toEqual([10, 10, 10]);
  });

  it("begin once the warm-up is over, and come to a minimum where one takes longer than there is time", () => {
    const run = taking(90, 60, 50, 40, 70, 20);
    expect(timedCalls(run, { warmUp: 200, measure: 5, atLeast: 3 })).toEqual([40, 70, 20]);
  });

  it("wait with wide registers until tiles are chosen, and without them for nothing", () => {
    expect(warmUpOf(true)).toBeGreaterThanOrEqual(TILES_ARE_CHOSEN_AFTER + 200);
    expect(warmUpOf(false)).toBe(0);
  });
});
