import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { duration, grouped } from "../../../src/cli/terminal/number-text.ts";
import { Progress } from "../../../src/cli/terminal/progress.ts";
import type { StepEvent } from "../../../src/gan/train/trainer.ts";

/** A stream that keeps what is written, as a terminal of 80 columns or as a file. */
function stream(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let text = "";
  const sink = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  Object.assign(sink, { isTTY, columns: 80, rows: 24 });
  return { stream: sink as unknown as NodeJS.WriteStream, written: () => text };
}

const plan = { recipe: "balanced", pretrain: 150, steps: 1250 };
const losses = { dLossReal: 0.61, dLossFake: 0.5249 };

function events(): StepEvent[] {
  const pretrain = Array.from({ length: 150 }, (_, step): StepEvent => ({
    type: "step",
    phase: "pretrain",
    step,
    losses,
  }));
  const train = Array.from({ length: 1250 }, (_, step): StepEvent => {
    return { type: "step", phase: "train", step, losses: { ...losses, gLoss: 1.25 } };
  });
  return [...pretrain, ...train];
}

/** Half a second a step. */
function play(progress: Progress, all: readonly StepEvent[]): void {
  progress.begin(0);
  all.forEach((event, i) => progress.step(event, (i + 1) * 500));
  progress.end();
}

describe("Progress", () => {
  it("writes a line every 100 steps of a phase and at its end, where nobody watches", () => {
    const { stream: file, written } = stream(false);
    play(new Progress(plan, file, false), events());
    const lines = written().split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "balanced pre-training 1/150 | D 0.610+0.525 | 2.00/s | 11 min 40 s left",
      "balanced pre-training 101/150 | D 0.610+0.525 | 2.00/s | 10 min 50 s left",
      "balanced pre-training 150/150 | D 0.610+0.525 | 2.00/s | 10 min 25 s left",
      "balanced 1/1,250 | D 0.610+0.525 G 1.250 | 2.00/s | 10 min 25 s left",
    ]);
    expect(lines.slice(-2)).toEqual(["balanced 1,250/1,250 | D 0.610+0.525 G 1.250 | 2.00/s | 0 s left", ""]);
    expect(lines).toHaveLength(3 + 13 + 1 + 1);
    expect(written()).not.toContain("\u001b");
  });

  it("redraws one line on a terminal, and writes above it what stays", () => {
    const { stream: terminal, written } = stream(true);
    const progress = new Progress(plan, terminal, false);
    progress.begin(0);
    progress.step(events()[0]!, 500);
    progress.above(() => terminal.write("a result\n"));
    expect(written()).toContain("a result\n");
    const redrawn = written().slice(written().indexOf("a result"));
    expect(redrawn).toContain("balanced pre-training 1/150");
    progress.step(events()[1]!, 520);
    expect(written()).not.toContain("2/150");
    progress.step(events()[2]!, 640);
    expect(written()).toContain("3/150");
    progress.end();
    expect(written()).not.toContain("\u001b[?25l");
  });

  it("says nothing when it is to be quiet", () => {
    for (const isTTY of [true, false]) {
      const { stream: silent, written } = stream(isTTY);
      const progress = new Progress(plan, silent, true);
      progress.wait("drawing");
      progress.say("stopping");
      play(progress, events());
      expect(written()).toBe("");
    }
  });
});

describe("numbers in words", () => {
  it("have units and thousands", () => {
    expect([0, 0.2, 8, 59.2, 60, 125, 3600, 39480, 273_600].map(duration)).toEqual([
      ..."0 s|1 s|8 s|1 min|1 min|2 min 5 s|1 h|10 h 58 min|3 d 4 h".split("|"),
    ]);
    expect([0, 999, 1000, 100_000, 12_345_678].map(grouped)).toEqual(["0", "999", "1,000", "100,000", "12,345,678"]);
  });
});
