// All operations, as the files of src/engine/ops export them. So no list can forget one.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";

const folder = fileURLToPath(new URL("../../src/engine/ops/", import.meta.url));

/** The exports of the files of src/engine/ops, by the file's path in that folder. */
export const opModules: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map(
  await Promise.all(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .sort()
      .map(async (path) => [path, (await import(folder + path)) as Record<string, unknown>] as const),
  ),
);

/** All operations; the tests check each on all its cases. */
export const allOps: readonly OpDefinition[] = [...opModules.values()].flatMap((module) =>
  Object.entries(module)
    .filter(([name]) => name.endsWith("Op"))
    .map(([, definition]) => definition as OpDefinition),
);
