import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { KERNEL_DIGEST } from "./digest.ts";
import { kernelDigest } from "./self-test.ts";

/** The JavaScript engine, as far as its flags go. */
export interface Engine {
  /** Whether it is known to have wide registers, and to survive these kernels in them. */
  readonly isTested: boolean;
  /** The flags it was started with. */
  readonly givenFlags: readonly string[];
  readonly setFlag: (flag: string) => void;
}

/** What may differ in a test. */
export interface WideOptions {
  readonly engine?: Engine;
  /** What the self-test should give. */
  readonly digest?: string;
}

/**
 * V8 of Node 24 and of Node 26. V8 may end the process while it optimizes a kernel, as 14.6 did with one of ours, and
 * nothing catches that. So only versions are listed on which all kernels were optimized (`npm run test:engines`). Node
 * says "-node." in V8's version; Deno, Bun and Electron say something else or nothing.
 */
const TESTED_V8 = /^(13\.6|14\.6)\..*-node\./;

const WIDE = "--experimental-wasm-revectorize";
const NOT_WIDE = "--no-experimental-wasm-revectorize";

/**
 * Wide registers are the optimizing compiler's work. For the self-test it is called early (after some 20 kB of code,
 * not V8's usual 13 MB) and waited for, so that the code which is tested is the optimized one.
 */
const OPTIMIZE_AT_ONCE = ["--wasm-tiering-budget=20000", "--wasm-sync-tier-up"];
const OPTIMIZE_AS_USUAL = ["--wasm-tiering-budget=13000000", "--no-wasm-sync-tier-up"];

/** The same flags where a user has set them: `--wasm_tiering_budget=5000`, `--nowasm-sync-tier-up`. */
const ABOUT_OPTIMIZING = /^--(no[-_]?)?wasm[-_](tiering[-_]budget=|sync[-_]tier[-_]up$)/;

/**
 * Lets V8 join two registers of 128 bits into one of 256 in everything that is compiled from now on, in all threads,
 * and tells whether it does. Does nothing where the engine is not known to do it well. A self-test sees to it that all
 * bits stay what they are; otherwise it is off again, and `say` is told. To be called before any kernels are loaded.
 */
export async function useWideRegisters(say: (line: string) => void, options: WideOptions = {}): Promise<boolean> {
  const { engine = thisEngine(), digest = KERNEL_DIGEST } = options;
  if (!engine.isTested) return false;
  engine.setFlag(WIDE);
  OPTIMIZE_AT_ONCE.forEach(engine.setFlag);
  const passed = await selfTestGives(digest);
  // V8 tells no flag's value, so what is put back is its default, or what a user has said.
  [...OPTIMIZE_AS_USUAL, ...engine.givenFlags.filter((flag) => ABOUT_OPTIMIZING.test(flag))].forEach(engine.setFlag);
  if (passed) return true;
  engine.setFlag(NOT_WIDE);
  say("wide registers: off, the self-test did not pass");
  return false;
}

/** In both kinds of tiles: a session uses one, then perhaps the other. */
async function selfTestGives(digest: string): Promise<boolean> {
  try {
    return (await kernelDigest("plain")) === digest && (await kernelDigest("wide")) === digest;
  } catch {
    // A wrong address traps. What else can go wrong goes wrong without wide registers too, and is reported there.
    return false;
  }
}

/**
 * This process's V8. macOS builds of Node leave wide registers out; on Windows nobody has tested them. Flags come from
 * the command line alone: Node takes none of these in NODE_OPTIONS.
 */
export function thisEngine(): Engine {
  const { arch, platform, versions, execArgv } = process;
  return {
    isTested: arch === "x64" && platform === "linux" && TESTED_V8.test(versions.v8) && hasAvx2(),
    givenFlags: execArgv,
    setFlag: setFlagsFromString,
  };
}

/**
 * Whether Linux says that the processor has registers of 256 bits for all that kernels do. V8 asks the processor itself
 * before it joins anything, and without AVX2 the flag changes nothing: this is here so that nobody is told otherwise.
 */
export function hasAvx2(): boolean {
  try {
    return /^flags\s*:.* avx2( |$)/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
}
