import { UnsupportedError } from "../errors.ts";
import { ContractImport } from "./contract.ts";
import { KERNEL_NAMES, KERNELS_BASE64, type Kernels } from "./kernels.generated.ts";
import type { Pool } from "./threads/pool.ts";

export type { Kernels } from "./kernels.generated.ts";

/**
 * The source of the kernels, for platforms that supply them. The first one given is read. The build on plain memory
 * (kernels.wasm) runs on one thread, whatever `threads` says; several threads need kernels-shared.wasm.
 */
export interface KernelSource {
  /** A compiled kernels.wasm (Cloudflare Workers import it as a module and refuse to compile bytes). */
  readonly module?: WebAssembly.Module;
  /** The bytes of kernels.wasm. */
  readonly bytes?: BufferSource;
  /** The address to fetch kernels.wasm from. */
  readonly url?: string | URL;
}

/** Kernels bound to the one memory they read and write. */
export interface KernelInstance {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** The threads that work in this memory, if there are several. */
  readonly pool?: Pool;
}

/** The smallest module that needs SIMD: one function that makes a v128 and drops it. */
const SIMD_PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11];

/**
 * Compiles the kernels (the embedded ones by default) and instantiates them on a memory of their own.
 * @throws UnsupportedError where WebAssembly or its SIMD is missing, or the supplied module does not load.
 */
export async function instantiateKernels(source: KernelSource = {}): Promise<KernelInstance> {
  const module = await compileKernels(source);
  const memory = new WebAssembly.Memory({ initial: 1 });
  return { kernels: await loading(source, () => instantiateOn(module, memory)), memory };
}

/** Compiles the kernels, the embedded ones by default. @throws UnsupportedError as instantiateKernels. */
export async function compileKernels(source: KernelSource): Promise<WebAssembly.Module> {
  requireSimd();
  return await loading(source, async () => source.module ?? WebAssembly.compile(await kernelBytes(source)));
}

/** Instantiates compiled kernels. @throws Error where they need another kind of memory, or some are missing. */
export async function instantiateOn(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const contract = new ContractImport(module);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory }, contract: { broken: contract.broken } });
  contract.keepTexts(memory);
  const missing = KERNEL_NAMES.filter((name) => typeof exports[name] !== "function");
  if (missing.length > 0) {
    throw new Error(
      `this is no kernels.wasm of this version: ${missing.length} kernels are missing, ${missing[0]!} first`,
    );
  }
  return exports as unknown as Kernels;
}

/** The bytes that a generated module holds as text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  // A plain loop: Uint8Array.from asks an iterator for each character, which takes 9 ms of a start.
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

async function loading<T>(source: KernelSource, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new UnsupportedError(`the kernels${placeOf(source)} do not load: ${reasonOf(cause)}`, { cause });
  }
}

/** The name of the source that was read, for messages. */
function placeOf({ module, bytes, url }: KernelSource): string {
  if (module !== undefined) return " of the module";
  if (bytes !== undefined) return " of the bytes";
  return url === undefined ? "" : ` at ${String(url)}`;
}

/** The cause's message. A failed fetch gives its reason one level deeper. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function requireSimd(): void {
  if (typeof WebAssembly !== "object") throw new UnsupportedError("this JavaScript engine has no WebAssembly");
  if (!WebAssembly.validate(Uint8Array.from(SIMD_PROBE))) {
    throw new UnsupportedError(
      "this JavaScript engine has no WebAssembly SIMD; Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer have it",
    );
  }
}

async function kernelBytes(source: KernelSource): Promise<BufferSource> {
  if (source.bytes !== undefined) return source.bytes;
  if (source.url === undefined) return fromBase64(KERNELS_BASE64);
  const response = await fetch(source.url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return await response.arrayBuffer();
}
