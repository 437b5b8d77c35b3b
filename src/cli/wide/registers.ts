import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { KERNEL_DIGEST } from "./digest.ts";
import { kernelDigest } from "./self-test.ts";

/** The JavaScript engine and its flags. */
export interface Engine {
  /** True if it is known to have wide registers, and to survive these kernels in them. */
  readonly isTested: boolean;
  /** The flags it was started with. */
  readonly givenFlags: readonly string[];
  readonly setFlag: (flag: string) => void;
}

/** Settings that a test may change. */
export interface WideOptions {
  readonly engine?: Engine;
  /** The digest that the self-test should give. */
  readonly digest?: string;
}

/**
 * V8 of Node 24 and of Node 26. V8 may end the process while it optimizes a kernel, as 14.6 did with one of ours, and
 * nothing catches that. So this lists only versions that have optimized all kernels (`npm run test:engines`). Node
 * writes "-node." in V8's version; Deno, Bun and Electron write something else or nothing.
 */
const TESTED_V8 = /^(13\.6|14\.6)\..*-node\./;

const WIDE = "--experimental-wasm-revectorize";
const NOT_WIDE = "--no-experimental-wasm-revectorize";

/**
 * The optimizing compiler makes the code for wide registers. The self-test wants to test that code. So for its time V8
 * optimizes early (after some 20 kB of code, not its usual 13 MB), and waits for the compiler.
 */
const OPTIMIZE_AT_ONCE = ["--wasm-tiering-budget=20000", "--wasm-sync-tier-up"];
const OPTIMIZE_AS_USUAL = ["--wasm-tiering-budget=13000000", "--no-wasm-sync-tier-up"];

/** The same flags where a user has set them: `--wasm_tiering_budget=5000`, `--nowasm-sync-tier-up`. */
const ABOUT_OPTIMIZING = /^--(no[-_]?)?wasm[-_](tiering[-_]budget=|sync[-_]tier[-_]up$)/;

/**
 * Lets V8 use wide registers (256 bits in place of two times 128) in everything that is compiled from now on, in all
 * threads. Returns whether it does. Does nothing in an engine that was not tested. A self-test compares all bits; if
 * one differs, wide registers are off again and `say` gets a line. Call this before any kernels load.
 */
export async function useWideRegisters(say: (line: string) => void, options: WideOptions = {}): Promise<boolean> {
  const { engine = thisEngine(), digest = KERNEL_DIGEST } = options;
  if (!engine.isTested) return false;
  engine.setFlag(WIDE);
  OPTIMIZE_AT_ONCE.forEach(engine.setFlag);
  const passed = await selfTestGives(digest);
  // V8 cannot say a flag's value. So its default is set again, then the user's flags.
  [...OPTIMIZE_AS_USUAL, ...engine.givenFlags.filter((flag) => ABOUT_OPTIMIZING.test(flag))].forEach(engine.setFlag);
  if (passed) return true;
  engine.setFlag(NOT_WIDE);
  say("wide registers: off, the self-test did not pass");
  return false;
}

/** Tests both kinds of tiles: a session uses one, then perhaps the other. */
async function selfTestGives(digest: string): Promise<boolean> {
  try {
    return (await kernelDigest("plain")) === digest && (await kernelDigest("wide")) === digest;
  } catch {
    // A wrong address traps. Every other failure happens without wide registers too, and is reported there.
    return false;
  }
}

/**
 * This process's V8. macOS builds of Node have no wide registers, and nobody has tested those of Windows. Flags come
 * from the command line alone: Node takes none of these in NODE_OPTIONS.
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
 * Tells whether Linux reports that the processor has registers of 256 bits for all that kernels do. V8 asks the
 * processor itself, and without AVX2 its flag changes nothing. The command line asks too, so that what it says about
 * them is true.
 */
export function hasAvx2(): boolean {
  try {
    return /^flags\s*:.* avx2( |$)/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
}
