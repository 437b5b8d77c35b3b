/**
 * The table of random streams. The last counter word of Philox is the purpose of a number, so that no two purposes ever
 * share a number, and adding a purpose moves none. Numbers are never reassigned.
 *
 * | stream | counter word 1 | drawn |
 * |---|---|---|
 * | 1 pretrainLatent | pre-training step | z of pre-training |
 * | 2 discriminatorLatent | iteration | z of the discriminator's step |
 * | 3 generatorLatent | iteration | z of the generator's step |
 * | 4 sampleLatent | iteration | z of the sample shown every 100 iterations |
 * | 5 gridLatent | 0 | the fixed vectors of the 8×8 grid |
 * | 6 epochOrder | epoch | order of the training images in an epoch |
 * | 7 digits | image | strokes of a drawn digit |
 * | 8 digitClasses | image / 10, rounded down | order of the ten classes in ten successive drawn digits |
 * | 2³¹ + hash of the name | 0 | initial value of the variable of that name |
 *
 * Counter word 0 is the block (four words each), word 2 the attempt: a value that is rejected is drawn again from the
 * same block and lane with attempt + 1.
 */
export const STREAMS = {
  pretrainLatent: 1,
  discriminatorLatent: 2,
  generatorLatent: 3,
  sampleLatent: 4,
  gridLatent: 5,
  epochOrder: 6,
  digits: 7,
  digitClasses: 8,
} as const;

const VARIABLE_STREAMS = 0x8000_0000;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The stream of a variable's initial value: 2³¹ plus the lower 31 bits of the 32-bit FNV-1a hash of its full name in
 * UTF-8. A variable's values thus depend on its name alone, not on what was created before it.
 * Source of the hash: Fowler, Noll, Vo, http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function variableStream(name: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return VARIABLE_STREAMS + (hash & 0x7fff_ffff);
}
