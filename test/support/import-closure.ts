import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import ts from "typescript";

/** What a module reaches by imports. */
export interface ImportClosure {
  /** Absolute paths of the files, the entry first. */
  readonly files: readonly string[];
  /** Specifiers that are no relative path: packages and Node's modules. */
  readonly foreign: ReadonlySet<string>;
  /** `/// <reference types="…" />`, which make a declaration file depend on others. */
  readonly typeReferences: ReadonlySet<string>;
}

/** Follows every static and dynamic import, export from and require of a .js or .d.ts file. */
export async function importClosure(entry: string): Promise<ImportClosure> {
  const files = new Set([resolve(entry)]);
  const foreign = new Set<string>();
  const typeReferences = new Set<string>();
  for (const file of files) {
    const info = ts.preProcessFile(await readFile(file, "utf8"), true, true);
    for (const { fileName } of info.typeReferenceDirectives) typeReferences.add(fileName);
    for (const { fileName } of info.importedFiles) {
      if (fileName.startsWith(".")) files.add(importedFile(file, fileName));
      else foreign.add(fileName);
    }
  }
  return { files: [...files], foreign, typeReferences };
}

/** A declaration file's import of ./x.ts or ./x.js means ./x.d.ts. */
function importedFile(from: string, specifier: string): string {
  const path = resolve(dirname(from), specifier);
  return from.endsWith(".d.ts") ? path.replace(/\.[jt]s$/, ".d.ts") : path;
}
