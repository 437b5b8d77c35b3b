import { UnsupportedError } from "../errors.ts";

/**
 * SHA-256 of bytes (FIPS 180-4), as 64 lower-case hex digits.
 * @throws UnsupportedError where the platform hides WebCrypto (a web page that was not loaded by https).
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined)
    throw new UnsupportedError("sha256: crypto.subtle is missing; a web page needs https for it");
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
