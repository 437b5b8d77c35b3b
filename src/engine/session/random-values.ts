import type { Kernels } from "../runtime/kernels.ts";
import type { Initializer } from "../graph/initializer.ts";
import { philoxKey, type PhiloxKey } from "../random/philox.ts";
import { variableStream } from "../random/streams.ts";

/** Draws numbers with the kernels from one seed. Each value depends on (seed, stream, step, index) alone. */
export class RandomValues {
  readonly #kernels: Kernels;
  #key: PhiloxKey;

  /** @throws ArgumentError unless seed is an integer from 0 to 2⁵³−1. */
  constructor(kernels: Kernels, seed: number) {
    this.#kernels = kernels;
    this.#key = philoxKey(seed);
  }

  /** Draws from another seed from now on. @throws ArgumentError unless it is an integer from 0 to 2⁵³−1. */
  reseed(seed: number): void {
    this.#key = philoxKey(seed);
  }

  /** Writes `count` standard normals at this address. */
  normal(address: number, count: number, stream: number, step: number): void {
    this.#kernels.normal(address, this.#key.low, this.#key.high, step, stream, 0, count);
  }

  /** Writes a variable's initial values at this address. */
  initialize(address: number, count: number, name: string, initializer: Initializer): void {
    const stream = variableStream(name);
    switch (initializer.kind) {
      case "constant":
        this.#kernels.fill(address, initializer.value, 0, count);
        break;
      case "normal":
        this.normal(address, count, stream, 0);
        this.#kernels.scale(address, address, initializer.stddev, 0, count);
        break;
      case "truncatedNormal":
        this.#kernels.truncatedNormal(address, this.#key.low, this.#key.high, 0, stream, initializer.stddev, 0, count);
        break;
    }
  }
}
