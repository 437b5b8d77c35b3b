import { rewriteNames, type RewriteSwitches } from "../compile/rewrites/index.ts";
import { ArgumentError } from "../errors.ts";
import { Graph } from "../graph/graph.ts";
import { checkOptionNames } from "../arguments.ts";
import { instantiateKernels, type KernelInstance, type KernelSource } from "../runtime/kernels.ts";
import { checkKind, THREADS } from "../value-kinds.ts";
import { Session } from "./session.ts";

/** Options of `compile`. */
export interface CompileOptions extends KernelSource {
  /** Seed of the variables' initial values, an integer from 0 to 2⁵³−1; default 7. */
  readonly seed?: number;
  /**
   * Threads to use, an integer from 1 to 256, or "auto" for the physical cores, at most 8; default 1. Results do not
   * depend on it. One thread runs where the platform has no more to give: no workers, no SharedArrayBuffer, or a
   * browser's page, which must not block. `session.threads` says how many run. The workers end with `session.dispose()`
   * or the process.
   */
  readonly threads?: number | "auto";
  /** Rewrites to leave out, by name: { collapseResize: false }. All are on by default. */
  readonly rewrites?: RewriteSwitches;
}

/**
 * A session for a graph: loads the kernels and gives them a memory. Programs are compiled by its first runs.
 * @throws ArgumentError for a bad option, UnsupportedError where WebAssembly SIMD is missing.
 */
export async function compile(graph: Graph, options: CompileOptions = {}): Promise<Session> {
  checkOptionNames("compile", options, ["seed", "threads", "rewrites", "module", "bytes", "url"]);
  const { seed = 7, threads = 1, rewrites = {}, ...source } = options;
  if (!(graph instanceof Graph)) throw new ArgumentError("compile: the first argument is not a graph");
  checkKind("threads", THREADS, threads);
  checkOptionNames("compile: rewrites", rewrites, rewriteNames);
  return new Session(graph, await instanceFor(threads, source), { seed, rewrites });
}

async function instanceFor(threads: number | "auto", source: KernelSource): Promise<KernelInstance> {
  if (threads === 1) return await instantiateKernels(source);
  // Loaded when needed: one thread needs neither the second build of the kernels nor the code that starts workers.
  const { startThreads } = await import("../runtime/threads/start-threads.ts");
  return await startThreads(threads, source);
}
