// The README's picture is cut from the samples of a run.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { encodePng } from "../../src/cli/run/png.ts";
import { samplePicture } from "../../src/cli/run/sample-picture.ts";
import { temporaryFolder } from "../cli/command-line.ts";
import { root } from "../support/packed-package.ts";

test("the first eight images of each sample, side by side", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "samples"));
  // Image i of the sample after `iteration` is of one grey; nothing else in the sample is black.
  const inkOf = (i: number, iteration: number): number => (i < 64 ? (iteration === 0 ? 1 : i / 64) : 0);
  for (const iteration of [0, 100]) {
    const grid = Float32Array.from({ length: 64 * 784 }, (_, p) => inkOf(Math.floor(p / 784), iteration));
    const image = new Float32Array(784);
    const event = { type: "sample", step: iteration, image, grid, estimate: 0 } as const;
    writeFileSync(
      join(folder, "samples", `${String(iteration).padStart(8, "0")}.png`),
      encodePng(samplePicture(event)),
    );
  }
  const out = join(folder, "strip.png");
  const script = ["--import", "tsx", join(root, "bench/training-strip.ts"), folder, "--at", "0,100", "--out", out];
  execFileSync(process.execPath, script, { cwd: root });
  const { width, height, data } = decode(readFileSync(out));
  expect([width, height]).toEqual([2 * 120 + 16, 240]);
  const at = (x: number, y: number): number => data[y * width + x]!;
  // The middles of the eight images: black after iteration 0, the greys of images 0, 1, 8, 9, … after iteration 100.
  const places = [0, 1, 2, 3].flatMap((row) => [0, 1].map((column) => [30 + 60 * column, 30 + 60 * row] as const));
  expect(places.map(([x, y]) => at(x, y))).toEqual(new Array(8).fill(0));
  const greys = places.map(([x, y]) => at(136 + x, y));
  expect(greys[0]).toBe(255);
  expect(new Set(greys).size).toBe(8);
  expect(greys).toEqual([...greys].sort((a, b) => b - a));
  for (let y = 0; y < height; y++) for (let x = 120; x < 136; x++) expect(at(x, y)).toBe(255);
});
