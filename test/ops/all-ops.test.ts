// Nothing is forgotten: every operation in src/engine/ops is in allOps, and every operation in allOps has a reference.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allOps } from "../../src/engine/ops/all-ops.ts";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";
import { references } from "../support/reference/index.ts";

const folder = fileURLToPath(new URL("../../src/engine/ops/", import.meta.url));
const files = ["", "gradients/", "fused/"].flatMap((sub) =>
  readdirSync(folder + sub)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => sub + file),
);

test("allOps holds every operation that a file of src/engine/ops exports", async () => {
  const exported = new Map<string, OpDefinition>();
  for (const file of files) {
    const module = (await import(folder + file)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (name.endsWith("Op")) exported.set(name, value as OpDefinition);
    }
  }
  expect(exported.size).toBeGreaterThan(50);
  expect(new Set(allOps)).toEqual(new Set(exported.values()));
  for (const [name, { name: operation }] of exported) expect(name).toBe(`${operation}Op`);
});

test("an operation is in allOps once, under a name of its own", () => {
  expect(new Set(allOps.map(({ name }) => name)).size).toBe(allOps.length);
});

test("a file holds one operation, named as the file", async () => {
  for (const file of files) {
    const module = (await import(folder + file)) as Record<string, unknown>;
    const operations = Object.keys(module).filter((name) => name.endsWith("Op"));
    expect(operations.length, file).toBeLessThanOrEqual(1);
    const kebab = operations[0]?.replace(/Op$/, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (kebab !== undefined) expect(file.replace(/^.*\/|\.ts$/g, "")).toBe(kebab);
  }
});

test("every operation has a float64 reference, and no reference is left over", () => {
  expect(Object.keys(references).sort()).toEqual(allOps.map(({ name }) => name).sort());
});

test("an operation has cases", () => {
  for (const { name, cases } of allOps) expect(cases.length, name).toBeGreaterThan(0);
});
