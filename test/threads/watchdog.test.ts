import { describe, expect, test, vi } from "vitest";
import { Watchdog } from "../../src/engine/runtime/threads/watchdog.ts";

/** The number of sleeps that the watchdog allows with these arrivals, after this much work of its own thread. */
function sleepsAllowed(ownMs: number, arrivedAt: (sleep: number) => number = () => 1): number {
  const now = vi.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValueOnce(ownMs);
  const watchdog = new Watchdog();
  watchdog.beginRun();
  watchdog.beginWait();
  now.mockRestore();
  for (let sleep = 1; sleep < 1000; sleep++) {
    try {
      watchdog.check(arrivedAt(sleep));
    } catch (error) {
      expect((error as Error).message).toMatch(/no sign of life/);
      return sleep - 1;
    }
  }
  return Infinity;
}

describe("the watchdog and a silent thread", () => {
  test("lasts twenty sleeps of a quarter of a second", () => {
    expect(new Watchdog().interval).toBe(250);
    expect(sleepsAllowed(0)).toBe(20);
  });

  test("lasts longer where one's own work took long", () => {
    expect(sleepsAllowed(1000)).toBe(36);
    expect(sleepsAllowed(60_000)).toBe(980);
  });

  test("begins anew with everyone who arrives", () => {
    expect(sleepsAllowed(0, (sleep) => (sleep < 15 ? 1 : 2))).toBe(14 + 20);
    expect(sleepsAllowed(0, (sleep) => sleep)).toBe(Infinity);
  });
});
