import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findMetricsCut, MetricsFile } from "../../../src/cli/run/metrics-file.ts";
import type { StepEvent } from "../../../src/gan/train/trainer.ts";
import { temporaryFolder } from "../command-line.ts";

const PRETRAIN = 2;
const HEADER = "phase,step,seconds,dLossReal,dLossFake,gLoss,estimate\n";
const ROWS = [
  "pretrain,0,0.100,0.5,0.25,,\n",
  "pretrain,1,0.200,0.5,0.25,,\n",
  "train,0,0.300,0.5,0.25,1.5,-0.75\n",
  "train,1,0.400,0.5,0.25,1.5,\n",
  "train,2,0.500,0.5,0.25,1.5,0.125\n",
];

const ESTIMATES = [undefined, undefined, -0.75, undefined, 0.125];

const event = (n: number): StepEvent => {
  const losses = { dLossReal: 0.5, dLossFake: 0.25 };
  if (n < PRETRAIN) return { type: "step", phase: "pretrain", step: n, losses };
  return { type: "step", phase: "train", step: n - PRETRAIN, losses: { ...losses, gLoss: 1.5 } };
};

function fileOf(content: string): string {
  const path = join(temporaryFolder(), "metrics.csv");
  writeFileSync(path, content);
  return path;
}

describe("MetricsFile", () => {
  it("has a row for every step as soon as it is appended, with losses in all their digits", () => {
    const path = join(temporaryFolder(), "metrics.csv");
    const file = MetricsFile.create(path);
    ESTIMATES.forEach((estimate, n) => {
      file.append(event(n), (n + 1) / 10, estimate);
      expect(readFileSync(path, "utf8")).toBe(HEADER + ROWS.slice(0, n + 1).join(""));
    });
    file.sync();
    file.close();
  });

  it("is cut back to the rows before a checkpoint, also where a killed process wrote half a row after it", () => {
    for (let count = 1; count <= ROWS.length; count++) {
      const path = fileOf(HEADER + ROWS.join("") + "train,3,0.6");
      const cut = findMetricsCut(path, PRETRAIN, count);
      expect(cut.seconds).toBeCloseTo(count / 10, 9);
      const file = MetricsFile.resume(path, cut);
      expect(file.seconds).toBe(cut.seconds);
      expect(readFileSync(path, "utf8")).toBe(HEADER + ROWS.slice(0, count).join(""));
      if (count < ROWS.length) file.append(event(count), (count + 1) / 10, ESTIMATES[count]);
      expect(readFileSync(path, "utf8")).toBe(HEADER + ROWS.slice(0, count + 1).join(""));
      file.close();
    }
  });

  it("begins anew without a checkpoint or where it was deleted", () => {
    for (const path of [fileOf("half a hea"), join(temporaryFolder(), "metrics.csv")]) {
      const cut = findMetricsCut(path, PRETRAIN, existsSync(path) ? 0 : 3);
      const file = MetricsFile.resume(path, cut);
      expect([file.seconds, readFileSync(path, "utf8")]).toEqual([0, HEADER]);
      file.close();
    }
    const later = fileOf(HEADER + ROWS.slice(3).join(""));
    expect(findMetricsCut(later, PRETRAIN, 4)).toEqual({ bytes: (HEADER + ROWS[3]!).length, seconds: 0.4 });
    expect(findMetricsCut(fileOf(HEADER), PRETRAIN, 4)).toEqual({ bytes: HEADER.length, seconds: 0 });
  });

  it("is refused where rows before the checkpoint are missing or damaged", () => {
    const cases: [string, string][] = [
      ["phase,step\n" + ROWS.join(""), "does not begin with"],
      [HEADER + ROWS.slice(0, 3).join(""), "ends 2 rows before"],
      [HEADER + ROWS[0]! + ROWS[2]! + ROWS[3]!, "a row is missing before train,0"],
      [HEADER + ROWS.slice(0, 4).join("") + "train,2,0.5", '"train,2,0.5" is damaged'],
      [HEADER + ROWS[0]! + "\0\0\0\n" + ROWS[2]!, "is damaged"],
    ];
    for (const [content, message] of cases) {
      expect(() => findMetricsCut(fileOf(content), PRETRAIN, 5)).toThrow(message);
    }
  });

  it.runIf(existsSync("/dev/full"))("says which file cannot be written when the disk is full", () => {
    expect(() => MetricsFile.create("/dev/full")).toThrow("cannot write /dev/full: ENOSPC");
  });
});
