import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../../src/cli/data/cache-folder.ts";

describe("cacheFolder", () => {
  it.each<[Record<string, string>, NodeJS.Platform, string]>([
    [{}, "linux", "/home/me/.cache/wasm-gan"],
    [{ XDG_CACHE_HOME: "/data/cache" }, "linux", "/data/cache/wasm-gan"],
    [{ XDG_CACHE_HOME: "" }, "linux", "/home/me/.cache/wasm-gan"],
    [{ XDG_CACHE_HOME: "relative" }, "linux", "/home/me/.cache/wasm-gan"],
    [{}, "darwin", "/home/me/Library/Caches/wasm-gan"],
    [{ LOCALAPPDATA: "/local" }, "win32", "/local/wasm-gan"],
    [{}, "win32", "/home/me/AppData/Local/wasm-gan"],
  ])("with %j on %s is %s", (environment, platform, expected) => {
    expect(cacheFolder(environment, platform, "/home/me").replaceAll("\\", "/")).toBe(expected);
  });
});
