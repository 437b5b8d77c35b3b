import { philoxKey, type PhiloxKey } from "../../engine/random/philox.ts";
import { shuffledIndices } from "../../engine/random/shuffle.ts";
import { STREAMS } from "../../engine/random/streams.ts";
import { RandomWords } from "../../engine/random/words.ts";
import type { ImageRenderer } from "../drawn-data-set.ts";
import { Dice } from "./dice.ts";
import { GLYPHS, type Glyph } from "./glyphs.ts";
import { writeGlyph } from "./hand.ts";
import { digitsIdentity, type DigitsSelection } from "./identity.ts";
import { Ink } from "./ink.ts";

const CLASSES = 10;

/** Draws digits. Image i of a selection is a function of (seed, first + i) alone. */
export class DigitRenderer implements ImageRenderer {
  readonly #selection: DigitsSelection;
  readonly #key: PhiloxKey;
  readonly #ink = new Ink();
  /** The ten images from 10·#ten on show these digits. */
  #ten = -1;
  #classes: Uint32Array = new Uint32Array(CLASSES);

  /** @throws ArgumentError for a seed out of range */
  constructor(selection: DigitsSelection) {
    this.#selection = selection;
    this.#key = philoxKey(selection.seed);
  }

  get identity(): string {
    return digitsIdentity(this.#selection);
  }

  render(index: number, image: Uint8Array): void {
    const dice = new Dice(new RandomWords(this.#key, STREAMS.digits, this.#selection.first + index));
    const softness = dice.between(1, 1.5);
    const traces = writeGlyph(chooseGlyph(this.label(index), dice), dice);
    this.#ink.draw(image, traces, softness);
  }

  label(index: number): number {
    const image = this.#selection.first + index;
    const ten = Math.floor(image / CLASSES);
    if (ten !== this.#ten) {
      this.#classes = shuffledIndices(CLASSES, new RandomWords(this.#key, STREAMS.digitClasses, ten));
      this.#ten = ten;
    }
    return this.#classes[image % CLASSES]!;
  }
}

function chooseGlyph(label: number, dice: Dice): Glyph {
  const glyphs = GLYPHS[label]!;
  let left = dice.between(0, 100);
  return glyphs.find(({ share }) => (left -= share) < 0)!;
}
