import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { newSha256, Sha256, sha256Hex } from "../src/engine/sha256.ts";

const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 37 + (i >> 3));
const reference = (of: Uint8Array): string => createHash("sha256").update(of).digest("hex");

describe("Sha256", () => {
  it("is Node's for every length around its blocks", () => {
    for (let length = 0; length <= bytes.length; length++) {
      const message = bytes.subarray(0, length);
      expect(new Sha256().update(message).hex(), `${length} bytes`).toBe(reference(message));
    }
  });

  it("does not depend on how the bytes are cut", () => {
    for (const size of [1, 7, 63, 64, 65, 129]) {
      const hash = new Sha256();
      for (let at = 0; at < bytes.length; at += size)
        hash.update(bytes.subarray(at, at + size)).update(bytes.subarray(0, 0));
      expect(hash.hex(), `pieces of ${size}`).toBe(reference(bytes));
    }
  });
});

describe("newSha256", () => {
  it("is ours where the platform has none, with the same digest", () => {
    const theirs = newSha256();
    vi.stubGlobal("process", undefined);
    const ours = newSha256();
    vi.unstubAllGlobals();
    expect([theirs instanceof Sha256, ours instanceof Sha256]).toEqual([!("getBuiltinModule" in process), true]);
    for (const hash of [theirs, ours]) {
      hash.update(bytes);
      hash.update(bytes.subarray(0, 5));
    }
    expect(theirs.hex()).toBe(ours.hex());
  });

  it("is ours where the platform's functions throw", () => {
    const getBuiltinModule = (): never => {
      throw new Error("not in an edge runtime");
    };
    vi.stubGlobal("process", { getBuiltinModule });
    const hash = newSha256();
    vi.unstubAllGlobals();
    expect(hash).toBeInstanceOf(Sha256);
  });
});

describe("sha256Hex", () => {
  it("hashes pieces one after the other, longer ones than the event loop waits for too", async () => {
    const long = new Uint8Array(2 ** 23 + 5).fill(1);
    expect(await sha256Hex([bytes, long, bytes])).toBe(
      createHash("sha256").update(bytes).update(long).update(bytes).digest("hex"),
    );
  });
});
