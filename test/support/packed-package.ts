import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** The package as npm would publish it. */
export interface PackedPackage {
  /** The .tgz file. */
  readonly tarball: string;
  /** The package's content, in a folder node_modules/wasm-gan of `project`. */
  readonly folder: string;
  /** An otherwise empty folder to use the package from. */
  readonly project: string;
  /** Paths of the files inside the package. */
  readonly files: readonly string[];
  remove(): Promise<void>;
}

/**
 * Packs dist/ as it is. It runs no scripts, because `prepare` would build dist/ anew while other tests use it. The
 * package's dependencies are not installed.
 */
export async function packPackage(): Promise<PackedPackage> {
  const project = await mkdtemp(join(tmpdir(), "wasm-gan-packed-"));
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project], {
    cwd: root,
  });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const tarball = join(project, filename);
  await run("tar", ["-xzf", filename], { cwd: project });
  await mkdir(join(project, "node_modules"));
  const folder = join(project, "node_modules", "wasm-gan");
  await rename(join(project, "package"), folder);
  const remove = (): Promise<void> => rm(project, { recursive: true });
  return { tarball, folder, project, files: files.map(({ path }) => path), remove };
}
