// ARCHITECTURE.md shows the table of layers that lint holds. Here the two are compared.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Row {
  readonly layer: string;
  readonly files: readonly string[];
  readonly imports: readonly string[];
}

// A JavaScript file, because ESLint reads it on Node 20.
const { groups, layers } = (await import(new URL("../../layers.js", import.meta.url).href)) as {
  groups: Readonly<Record<string, readonly string[]>>;
  layers: readonly Row[];
};

const text = readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8");

/** The rows `| layer | files | what lives there | may import |` of the document. */
const shown: Row[] = [...text.matchAll(/^\| `([\w-]+)` +\| (.*?) +\| .*? +\| (.*?) *\|$/gm)].map(
  ([, layer, files, imports]) => ({
    layer: layer!,
    files: [...files!.matchAll(/`([^`]+)`/g)].map(([, path]) => path!.replace(/\/$/, "/**")),
    imports: imports!.split(", ").flatMap((name) => groups[name] ?? [name]),
  }),
);

const byName = (rows: readonly Row[]): Row[] =>
  rows
    .map(({ layer, files, imports }) => ({ layer, files, imports: imports.filter((name) => name !== "").sort() }))
    .sort((a, b) => (a.layer < b.layer ? -1 : 1));

test("ARCHITECTURE.md shows the layers that lint holds", () => {
  expect(byName(shown)).toEqual(byName(layers));
});
