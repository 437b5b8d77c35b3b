/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND_CONSTANTS: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

/** The first 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, 5.3.3). */
const START: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const BLOCK_BYTES = 64;
/** Bytes of the message's length in bits, at the end of the last block. */
const LENGTH_OFFSET = 56;

/** Bytes between two turns of the event loop, so that pages stay alive: less than a tenth of a second. */
const BYTES_PER_TURN = 8_388_608;

/** A SHA-256 that is being computed. */
export interface Sha256Hash {
  /** Takes in the next bytes; they may be overwritten afterwards. */
  update(bytes: Uint8Array): unknown;
  /** The digest of all bytes as 64 lower-case hex digits. */
  hex(): string;
}

/**
 * SHA-256 (FIPS 180-4) of bytes that come piece by piece, at some 140 MB/s. WebCrypto wants everything at once and
 * makes a copy: tens of megabytes for a data set or a checkpoint. Besides, web pages without https do not have it.
 */
export class Sha256 implements Sha256Hash {
  readonly #state: Int32Array = Int32Array.from(START);
  readonly #constants: Int32Array = Int32Array.from(ROUND_CONSTANTS);
  readonly #words = new Int32Array(64);
  /** The beginning of a block that is not complete. */
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  #length = 0;

  /** Takes in the next bytes. */
  update(bytes: Uint8Array): this {
    const held = this.#length % BLOCK_BYTES;
    this.#length += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK_BYTES - held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK_BYTES) return this;
      this.#block(this.#rest, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#block(bytes, at);
    this.#rest.set(bytes.subarray(at));
    return this;
  }

  /** The digest of all bytes as 64 lower-case hex digits; afterwards nothing can be added. */
  hex(): string {
    const bits = 8 * this.#length;
    const held = this.#length % BLOCK_BYTES;
    const tail = new Uint8Array((held < LENGTH_OFFSET ? 1 : 2) * BLOCK_BYTES - held);
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 0x1_0000_0000));
    view.setUint32(tail.length - 4, bits);
    this.update(tail);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #block(bytes: Uint8Array, offset: number): void {
    const w = this.#words;
    for (let t = 0, i = offset; t < 16; t++, i += 4) {
      w[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
    }
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15]!;
      const y = w[t - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0;
    }
    this.#rounds(w, this.#constants, this.#state);
  }

  /** a … h are the standard's names. */
  #rounds(w: Int32Array, constants: Int32Array, state: Int32Array): void {
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[t]! + w[t]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] = state[0]! + a;
    state[1] = state[1]! + b;
    state[2] = state[2]! + c;
    state[3] = state[3]! + d;
    state[4] = state[4]! + e;
    state[5] = state[5]! + f;
    state[6] = state[6]! + g;
    state[7] = state[7]! + h;
  }
}

/**
 * The SHA-256 of an empty message, ready for bytes. Node, Deno and Bun have one that is ten times as fast as ours and
 * give it without an import.
 */
export function newSha256(): Sha256Hash {
  const hash = platformHash();
  if (hash === undefined) return new Sha256();
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}

/** The result of Node's createHash, or undefined. Some edge runtimes have a `process` whose functions throw. */
function platformHash(): { update(bytes: Uint8Array): unknown; digest(form: "hex"): string } | undefined {
  try {
    // eslint-disable-next-line no-restricted-properties -- nothing of Node is needed: where it is missing, ours does it
    return globalThis.process?.getBuiltinModule?.("crypto")?.createHash?.("sha256");
  } catch {
    return undefined;
  }
}

/** Whether a text is a SHA-256 as hex() writes it: 64 lower-case hex digits. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** SHA-256 of pieces one after the other, as 64 lower-case hex digits; the event loop turns every 8 MiB. */
export async function sha256Hex(pieces: readonly Uint8Array[]): Promise<string> {
  const hash = newSha256();
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += BYTES_PER_TURN) {
      hash.update(piece.subarray(at, at + BYTES_PER_TURN));
      if (at + BYTES_PER_TURN < piece.length) await new Promise((resolve) => setTimeout(resolve));
    }
  }
  return hash.hex();
}
