import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ASSEMBLY = fileURLToPath(new URL("../../assembly", import.meta.url));
const ENTRY = "entry.ts";
const OPTIONS = "--outFile entry.wasm --enable simd --runtime stub --importMemory --disableWarning".split(" ");

/**
 * What is used of AssemblyScript's compiler: its own types would declare AssemblyScript's globals for all our files.
 */
interface Compiler {
  main(args: readonly string[], host: Host): Promise<{ readonly error: Error | null }>;
}
interface Host {
  readonly readFile: (name: string, folder: string) => string | null;
  readonly writeFile: (name: string, content: Uint8Array<ArrayBuffer>) => void;
  readonly listFiles: () => string[];
  readonly stderr: { readonly write: (message: string) => void };
}
const COMPILER: string = "assemblyscript/asc";

/** What a module of assembly/ exports, kernel or not: constants and functions of plain numbers. */
export type AssemblyExports = Readonly<Record<string, number | ((...args: number[]) => number)>>;

/**
 * What these lines of AssemblyScript export, written as a file in assembly/: how a test sees constants that
 * kernels.wasm keeps to itself. @throws what the compiler says where something is not there.
 */
export async function assemblyExports(lines: string): Promise<AssemblyExports> {
  const { default: asc } = (await import(COMPILER)) as { default: Compiler };
  const [binaries, messages]: [Uint8Array<ArrayBuffer>[], string[]] = [[], []];
  const { error } = await asc.main([ENTRY, "--baseDir", ASSEMBLY, ...OPTIONS], {
    readFile: (name, folder) => (name === ENTRY ? lines : sourceAt(join(folder, name))),
    writeFile: (_, content) => void binaries.push(content),
    listFiles: () => [],
    stderr: { write: (message) => void messages.push(message) },
  });
  if (error) throw new Error(messages.join(""));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(binaries[0]!, { env: { memory, abort: () => undefined } });
  return Object.fromEntries(
    Object.entries(instance.exports)
      .filter(([, value]) => !(value instanceof WebAssembly.Memory))
      .map(([name, value]) => [name, value instanceof WebAssembly.Global ? (value.value as number) : value]),
  ) as AssemblyExports;
}

function sourceAt(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
