import { createHash } from "node:crypto";

/** SHA-256 of numbers' bits. Comparing millions of numbers one by one takes minutes. */
export function digestOf(values: number | Float32Array): string {
  const { buffer, byteOffset, byteLength } = typeof values === "number" ? Float32Array.of(values) : values;
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}
