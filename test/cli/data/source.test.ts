import { Writable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadData, loadSameData } from "../../../src/cli/data/source.ts";
import { Progress } from "../../../src/cli/terminal/progress.ts";
import { DigitRenderer } from "../../../src/data/digits/digit-renderer.ts";
import { batches } from "../../../src/data/index.ts";
import { temporaryFolder, writeIdxFolder } from "../command-line.ts";

const QUIET = new Progress(
  { recipe: "balanced", pretrain: 0, steps: 1 },
  new Writable() as unknown as NodeJS.WriteStream,
  true,
);

afterEach(() => vi.restoreAllMocks());

describe("the data of a run", () => {
  it.each([7, 9])("are digits of seed %i, none of which is drawn before the first batch", async (seed) => {
    const render = vi.spyOn(DigitRenderer.prototype, "render");
    const request = { data: "digits", seed, batch: 50 };
    const { set, identity } = await loadData(request, QUIET);
    expect((await loadSameData(request, identity, QUIET)).identity).toEqual(identity);
    expect(set.count).toBe(60_000);
    expect(render).not.toHaveBeenCalled();
    batches(set, { batchSize: 50, seed }).next();
    expect(render).toHaveBeenCalledTimes(50);
  });

  it("are the files of a folder, called by the SHA-256 of their content", async () => {
    const folder = temporaryFolder();
    writeIdxFolder(folder);
    const { set, identity } = await loadData({ data: folder, seed: 7, batch: 2 }, QUIET);
    expect(set.count).toBe(5040);
    expect(identity.name).toBe("folder");
    const other = { name: "folder", sha256: "ab".repeat(32) };
    await expect(loadSameData({ data: folder, seed: 7, batch: 2 }, other, QUIET)).rejects.toThrow(
      `the data ${folder} has SHA-256 ${identity.sha256}; the run was begun with ${other.sha256}`,
    );
  });
});
