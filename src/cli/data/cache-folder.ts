import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";

/**
 * The folder for what can be fetched again, as each system wants it: $XDG_CACHE_HOME where it is set (and absolute, as
 * its specification demands), else ~/Library/Caches on macOS, %LOCALAPPDATA% on Windows, ~/.cache elsewhere.
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  return join(userCache(environment, platform, home), "wasm-gan");
}

function userCache(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string {
  const { XDG_CACHE_HOME: xdg = "", LOCALAPPDATA: local = "" } = environment;
  if (isAbsolute(xdg)) return xdg;
  if (platform === "darwin") return join(home, "Library", "Caches");
  if (platform === "win32") return local === "" ? join(home, "AppData", "Local") : local;
  return join(home, ".cache");
}
