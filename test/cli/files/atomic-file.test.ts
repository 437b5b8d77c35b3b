import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WriteError, writeFileAtomically } from "../../../src/cli/files/atomic-file.ts";

describe("writeFileAtomically", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wasm-gan-atomic-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function failure(path: string): Promise<WriteError> {
    const error: unknown = await writeFileAtomically(path, "new").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WriteError);
    return error as WriteError;
  }

  it("writes bytes and text, and replaces a file of any length", async () => {
    const path = join(folder, "file");
    await writeFileAtomically(path, "a long first content\n");
    expect(await readFile(path, "utf8")).toBe("a long first content\n");
    await writeFileAtomically(path, Uint8Array.of(1, 2, 3));
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("writes pieces, each before the next is asked for", async () => {
    const path = join(folder, "file");
    const buffer = new Uint8Array(1000);
    function* pieces(): Generator<Uint8Array> {
      for (const value of [1, 2, 3]) yield buffer.fill(value);
    }
    await writeFileAtomically(path, pieces());
    const wanted = Uint8Array.from({ length: 3000 }, (_, i) => 1 + Math.floor(i / 1000));
    expect(new Uint8Array(await readFile(path))).toEqual(wanted);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("leaves the old content where the pieces break off", async () => {
    const path = join(folder, "file");
    await writeFileAtomically(path, "old");
    function* pieces(): Generator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new Error("no more");
    }
    await expect(writeFileAtomically(path, pieces())).rejects.toThrow(WriteError);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("lets a reader see the old content or the new, nothing between", async () => {
    const path = join(folder, "file");
    const contents = ["a".repeat(300_000), "b".repeat(200_000)] as const;
    await writeFileAtomically(path, contents[0]);
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await writeFileAtomically(path, contents[i % 2]!);
      return "done";
    })();
    const seen = new Set<string>();
    while ((await Promise.race([writing, Promise.resolve("writing")])) !== "done") {
      const content = await readFile(path, "utf8");
      expect(contents).toContain(content);
      seen.add(content[0]!);
    }
    expect(seen.size).toBe(2);
  });

  it.each([
    ["a folder that is missing", "missing/file", "ENOENT"],
    ["a file in place of a folder", "occupied/file", "ENOTDIR"],
    ["a folder in place of the file", "folder", "EISDIR"],
    ["a name that is too long", "x".repeat(300), "ENAMETOOLONG"],
    ["a loop of links", "loop/file", "ELOOP"],
  ])("names the path and the reason for %s, and leaves nothing behind", async (_, name, code) => {
    await writeFile(join(folder, "occupied"), "kept");
    await mkdir(join(folder, "folder"));
    await symlink("loop", join(folder, "loop"));
    const error = await failure(join(folder, name));
    expect(error.code).toBe("WRITE");
    expect(error.path).toBe(join(folder, name));
    expect(error.message).toMatch(new RegExp(`^cannot write ${join(folder, name)}: ${code}: [a-z -]+$`));
    expect((await readdir(folder)).sort()).toEqual(["folder", "loop", "occupied"]);
    expect(await readFile(join(folder, "occupied"), "utf8")).toBe("kept");
  });

  it("keeps the old file when the new one cannot be written", async () => {
    const path = join(folder, "file");
    await writeFile(path, "old");
    // Something that cannot be opened for writing stands where the temporary file would.
    await mkdir(`${path}.${process.pid}.tmp`);
    await failure(path);
    expect(await readFile(path, "utf8")).toBe("old");
  });
});
