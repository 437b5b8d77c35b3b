// npx tsx bench/training-strip.ts RUN [--at 0,100,200,500,1000,2000,3500] [--out FILE]: the README's picture. For each
// iteration it takes the first eight of the sixty-four images of the run's sample; they are of the same latent vectors.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decode, encode } from "fast-png";

/** Pixels from an image of the grid to the next: twice 28 pixels and the white between them. */
const PITCH = 60;
/** Columns and rows of the grid that are shown. */
const [COLUMNS, ROWS] = [2, 4];
/** White pixels between two iterations. */
const GAP = 16;
/** Images in a row of the sample's grid, which ends at the sample's right edge. */
const GRID_COLUMNS = 8;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    at: { type: "string", default: "0,100,200,500,1000,2000,3500" },
    out: { type: "string", default: fileURLToPath(new URL("pictures/training.png", import.meta.url)) },
  },
});
const [run] = positionals;
if (run === undefined) throw new Error("name the folder of a run");

const iterations = values.at.split(",");
const height = ROWS * PITCH;
const width = iterations.length * (COLUMNS * PITCH + GAP) - GAP;
const pixels = new Uint8Array(width * height).fill(255);

iterations.forEach((iteration, place) => {
  const path = join(run, "samples", `${iteration.padStart(8, "0")}.png`);
  if (!existsSync(path)) throw new Error(`there is no ${path}; train with --sample-every 100`);
  const sample = decode(readFileSync(path));
  const left = sample.width - GRID_COLUMNS * PITCH;
  const from = place * (COLUMNS * PITCH + GAP);
  for (let y = 0; y < height; y++) {
    const start = y * sample.width + left;
    pixels.set(sample.data.subarray(start, start + COLUMNS * PITCH), y * width + from);
  }
});
writeFileSync(values.out, encode({ width, height, data: pixels, channels: 1, depth: 8 }));
