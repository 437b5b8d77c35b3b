// No operation is forgotten: every one in src/engine/ops has a reference, cases, and a gradient or a reason for none.
import { expect, test } from "vitest";
import * as publicOps from "../../src/engine/ops/index.ts";
import { allOps, opModules } from "../support/all-ops.ts";
import { references } from "../support/reference/index.ts";

test("there are operations, each under a name of its own", () => {
  expect(allOps.length).toBeGreaterThan(50);
  expect(new Set(allOps.map(({ name }) => name)).size).toBe(allOps.length);
});

test("an operation's record is named as the operation, and its function stands beside it", () => {
  for (const [file, module] of opModules) {
    for (const [record, value] of Object.entries(module).filter(([record]) => record.endsWith("Op"))) {
      const name = record.replace(/Op$/, "");
      expect(value, `${file}: ${record}`).toMatchObject({ name });
      expect(module[name], `${file}: ${name}`).toBeInstanceOf(Function);
    }
  }
});

test("every function that users call has an operation's record of its name", () => {
  const shorthands = ["onesLike", "zerosLike"]; // of fillLike
  const names = allOps.map(({ name }) => name);
  const functions = Object.keys(publicOps).filter((name) => !shorthands.includes(name));
  expect(functions.filter((name) => !names.includes(name))).toEqual([]);
});

test("every operation has a float64 reference, and no reference is left over", () => {
  expect(Object.keys(references).sort()).toEqual(allOps.map(({ name }) => name).sort());
});

test("an operation has cases", () => {
  for (const { name, cases } of allOps) expect(cases().length, name).toBeGreaterThan(0);
});

test("no operation that users call is part of a gradient, for its own could then not be asked for", () => {
  const called = allOps.filter(({ name }) => name in publicOps);
  expect(called.length).toBeGreaterThan(30);
  expect(called.filter(({ partOfGradient }) => partOfGradient === true).map(({ name }) => name)).toEqual([]);
});

test("users can call every operation but parts of gradients and those that only gradients and rewrites apply", () => {
  const internal = ["addAt", "broadcastTo", "equal", "greaterEqual", "mapFilter", "scale"];
  const hidden = allOps.filter(({ name, partOfGradient }) => partOfGradient !== true && !(name in publicOps));
  expect(hidden.map(({ name }) => name).sort()).toEqual(internal);
});
