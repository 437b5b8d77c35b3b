import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { codeOf } from "./system-error.ts";

/** A file or folder could not be written: no permission, no space, something else in its place, … */
export class WriteError extends Error {
  readonly code = "WRITE";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`cannot write ${path}: ${reasonOf(cause)}`, { cause });
    this.name = "WriteError";
    this.path = path;
  }
}

/** Bytes, a text, or pieces of bytes, each of which is written before the next is asked for. */
type Content = Uint8Array | string | Iterable<Uint8Array>;

/**
 * Writes a file. At every moment the path holds either all of the old content or all of the new, even when the process
 * is killed or the power fails: a temporary file `<path>.<pid>.tmp` in the same folder is written, synced to the disk
 * and renamed, then the folder is synced. @throws WriteError; then the path is as it was before.
 */
export async function writeFileAtomically(path: string, content: Content): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeAndSync(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    // The first error counts. If this fails too, there is no temporary file, or it cannot be reached.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new WriteError(path, cause);
  }
}

async function writeAndSync(path: string, content: Content): Promise<void> {
  const file = await open(path, "w");
  try {
    const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename in this folder last. Windows and some network file systems cannot sync a folder, and need not. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF"].includes(codeOf(error) ?? "")) throw error;
  }
}

/** Node's "ENOSPC: no space left on device, write", without the system call's name and paths. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split(",")[0] ?? message;
}
