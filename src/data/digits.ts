import { philoxKey } from "../random/philox.ts";
import { shuffledIndices } from "../random/shuffle.ts";
import { STREAMS } from "../random/streams.ts";
import { RandomWords } from "../random/words.ts";
import { Dice } from "./digits/dice.ts";
import { GLYPHS } from "./digits/glyphs.ts";
import { writeGlyph } from "./digits/hand.ts";
import { develop, fitToBox, layInk } from "./digits/ink.ts";

export function digits({ seed = 7, count = 60000, first = 0 } = {}) {
  const key = philoxKey(seed);
  const images = new Uint8Array(count * 784), labels = new Uint8Array(count);
  const coverage = new Float64Array(784);
  for (let i = 0; i < count; i++) {
    const index = first + i;
    const label = shuffledIndices(10, new RandomWords(key, STREAMS.digitClasses, Math.floor(index / 10)))[index % 10]!;
    labels[i] = label;
    const dice = new Dice(new RandomWords(key, STREAMS.digits, index));
    let pick = dice.between(0, 100);
    const glyph = GLYPHS[label]!.find((g) => (pick -= g.share) < 0)!;
    coverage.fill(0);
    const softness = dice.between(1.0, 1.5);
    for (const t of fitToBox(writeGlyph(glyph, dice), softness)) layInk(coverage, t, softness);
    develop(images.subarray(i * 784, i * 784 + 784), coverage);
  }
  return { images, labels, count };
}
