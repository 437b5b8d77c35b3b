// `npm run lint` refuses cycles of imports: here dependency-cruiser meets some, under the project's rules.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/packed-package.ts";

/** The rules that a source tree breaks. */
function brokenRules(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "wasm-gan-cycles-"));
  try {
    for (const [name, text] of Object.entries({ "tsconfig.json": "{}", ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const args = [tool, "--config", join(root, ".dependency-cruiser.js"), "--output-type", "json", "src"];
    const report = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 24 });
    const { summary } = JSON.parse(report) as { summary: { violations: { rule: { name: string } }[] } };
    return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const one = (import_: string): string => `${import_}\nexport interface One {}\nexport const one = 1;\n`;

test.each([
  ["none", "export {};", []],
  ["by value", 'import { two } from "./two.ts";\nvoid two;', ["no-cycle"]],
  ["by type", 'import type { two } from "./two.ts";\nexport type { two };', ["no-cycle"]],
])("files that import each other: %s", (_, back, rules) => {
  const two = 'import { one } from "./one.ts";\nexport const two = one;\n';
  expect(brokenRules({ "src/gan/one.ts": one(back), "src/gan/two.ts": two })).toEqual(rules);
});

test("the graph alone may", () => {
  const back = 'import type { two } from "./two.ts";\nexport type { two };';
  const two = 'import { one } from "./one.ts";\nexport const two = one;\n';
  expect(brokenRules({ "src/engine/graph/one.ts": one(back), "src/engine/graph/two.ts": two })).toEqual([]);
});

test("folders that import each other, without a cycle of files", () => {
  const files = {
    "src/gan/a/one.ts": 'import { two } from "../b/two.ts";\nexport const one = two;\n',
    "src/gan/b/two.ts": "export const two = 2;\n",
    "src/gan/b/three.ts": 'import { four } from "../a/four.ts";\nexport const three = four;\n',
    "src/gan/a/four.ts": "export const four = 4;\n",
  };
  expect(brokenRules(files)).toEqual(["no-folder-cycle"]);
});
