import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { root } from "./packed-package.ts";

/** The files and packages that a module reaches by imports. */
export interface ImportClosure {
  /** Absolute paths of the files, the entry first. */
  readonly files: readonly string[];
  /** Specifiers that are no relative path: packages and Node's modules. */
  readonly foreign: ReadonlySet<string>;
  /** `/// <reference types="…" />`, which make a declaration file depend on others. */
  readonly typeReferences: ReadonlySet<string>;
}

/** The file that package.json names as `#platform` for everything that is not Node. */
const WEB_PLATFORM = join(root, "dist/engine/platform/web.js");

/**
 * Follows every import, export from and require of a .js or .d.ts file as a browser does. It follows those that run
 * later, when a function calls import(), only if asked.
 */
export async function importClosure(
  entry: string,
  { later = true }: { readonly later?: boolean } = {},
): Promise<ImportClosure> {
  const files = new Set([resolve(entry)]);
  const foreign = new Set<string>();
  const typeReferences = new Set<string>();
  for (const file of files) {
    const text = await readFile(file, "utf8");
    const info = ts.preProcessFile(text, true, true);
    for (const { fileName } of info.typeReferenceDirectives) typeReferences.add(fileName);
    for (const { fileName, pos } of info.importedFiles) {
      if (!later && /\bimport\(\s*$/.test(text.slice(0, pos))) continue;
      if (fileName === "#platform") files.add(WEB_PLATFORM);
      else if (fileName.startsWith(".")) files.add(importedFile(file, fileName));
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
