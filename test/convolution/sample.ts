// A seeded sample of all possible cases. Every value of each dimension occurs equally often, each time together with
// other values of the other dimensions.
import { permutation, randomSource } from "../support/random.ts";
import { CHOSEN, CHOSEN_LARGE, drawGeometry, type Geometry } from "./geometries.ts";

/** True if the large sweep was asked for: WASM_GAN_SWEEP=full npx vitest run test/convolution */
export const FULL: boolean = process.env.WASM_GAN_SWEEP === "full";

/** The most products of a random forward pass, and of a large one. */
const SMALL_PRODUCTS = FULL ? 12e6 : 3e6;
const LARGE_PRODUCTS = FULL ? 150e6 : 20e6;

/** The number of geometries in a sweep. */
export interface Sizes {
  readonly small: number;
  readonly large: number;
}

/** Half of the geometries are the chosen ones over and over, the other half is drawn. */
export function sampleGeometries({ small, large }: Sizes, seed: number): Geometry[] {
  const random = randomSource(seed);
  const algorithm = cycle(random, ["fft", "fft", "winograd", "patches"] as const);
  const geometries = (count: number, chosen: readonly Geometry[], most: number): Geometry[] => {
    const next = cycle(random, chosen);
    return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? next() : drawGeometry(random, algorithm(), most)));
  };
  return [...geometries(small, CHOSEN, SMALL_PRODUCTS), ...geometries(large, CHOSEN_LARGE, LARGE_PRODUCTS)];
}

/** Each of the values once, in random order, and again in another order. */
export function cycle<T>(random: () => number, values: readonly T[]): () => T {
  let order: number[] = [];
  return () => {
    if (order.length === 0) order = permutation(random, values.length);
    return values[order.pop()!]!;
  };
}
