// What the documents name is there: files and folders in backticks, links, scripts of npm.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/packed-package.ts";

const DOCUMENTS = [
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
  "bench/README.md",
  "docs/decisions.md",
  "test/golden/README.md",
];

/** What a build or a run makes: it need not be there. */
const MADE = /^(?:dist|runs|docs\/api|samples|checkpoints|config\.json|node_modules|\/tmp)\b|\.generated\.ts$/;

const read = (document: string): string => readFileSync(join(root, document), "utf8");

/** Names of all files below a folder, and of all folders. */
function namesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`);
}

const files = ["assembly", "bench", "src", "test"].flatMap(namesBelow);

const scriptsOf = (): Readonly<Record<string, string>> =>
  (JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }).scripts;

/** Whether a path is there: from the root, or as the end of a file's path, as `rewrites/index.ts` is; * is any name. */
function isThere(path: string): boolean {
  const plain = path.replace(/\/$/, "");
  if (existsSync(join(root, plain))) return true;
  const pattern = plain.replace(/[.+()[\]]/g, "\\$&").replace(/\*\*|\*/g, "[^/]*");
  const end = new RegExp(`(?:^|/)${pattern}$`);
  return files.some((file) => end.test(file));
}

/** Paths in backticks: with a slash and only signs of paths, or a name that ends as a file of ours. */
function pathsIn(text: string): readonly string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, "");
  const quoted = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name!);
  return quoted.filter(
    (name) =>
      /^[\w./*-]+$/.test(name) &&
      !MADE.test(name) &&
      (/^(?:assembly|bench|docs|src|test|\.ci)(?:\/|$)/.test(name) || /\.(?:ts|mjs|json|md|js)$/.test(name)),
  );
}

describe.each(DOCUMENTS)("%s", (document) => {
  test("names files and folders that are there", () => {
    const missing = pathsIn(read(document)).filter((path) => !isThere(path));
    expect(missing).toEqual([]);
  });

  test("links to files that are there", () => {
    const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    const local = targets
      .filter((target) => !/^(?:https?:|#)/.test(target))
      .map((target) => target.replace(/#.*$/, ""));
    expect(local.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
  });

  test("names scripts that package.json has", () => {
    const scripts = scriptsOf();
    const named = [...read(document).matchAll(/npm run ([\w:]*\w)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("the check notices a name that is not there", () => {
  const text = "`src/engine/nowhere.ts`, `src/engine/ops`, `nowhere.ts`, `layers.js`, `dist/index.js`, `a/b`";
  expect(pathsIn(text).filter((path) => !isThere(path))).toEqual(["src/engine/nowhere.ts", "nowhere.ts"]);
});
