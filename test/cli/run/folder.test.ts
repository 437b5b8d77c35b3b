import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRunFolder, findRun, newestRun, nextRunName } from "../../../src/cli/run/folder.ts";
import { temporaryFolder } from "../command-line.ts";

describe("run folders", () => {
  it("are numbered one higher than the highest, whatever lies beside them", () => {
    const out = temporaryFolder();
    expect(nextRunName(join(out, "missing"), 7)).toBe("00000-seed7");
    expect(basename(createRunFolder(out, 7).path)).toBe("00000-seed7");
    expect(basename(createRunFolder(out, 3).path)).toBe("00001-seed3");
    mkdirSync(join(out, "00041-seed1"));
    mkdirSync(join(out, "notes"));
    expect(nextRunName(out, 9)).toBe("00042-seed9");
    expect(basename(createRunFolder(out, 9).path)).toBe("00042-seed9");
    expect(basename(newestRun(out).path)).toBe("00042-seed9");
    mkdirSync(join(out, "100000-seed1"));
    expect(basename(newestRun(out).path)).toBe("100000-seed1");
  });

  it("pass over a number that another process is just claiming, or died claiming", () => {
    const out = temporaryFolder();
    mkdirSync(join(out, "00000"));
    expect(basename(createRunFolder(out, 7).path)).toBe("00001-seed7");
    expect(readdirSync(out).sort()).toEqual(["00000", "00001-seed7"]);
    expect(basename(newestRun(out).path)).toBe("00001-seed7");
  });

  it("are found by their path or by that of a checkpoint", () => {
    const out = temporaryFolder();
    const folder = createRunFolder(out, 7);
    const checkpoint = join(folder.checkpoints, "00000500.safetensors");
    writeFileSync(checkpoint, "");
    expect(findRun(folder.path)).toEqual({ folder, checkpoint: undefined });
    expect(findRun(checkpoint)).toEqual({ folder, checkpoint });
    expect(() => findRun(join(out, "nowhere"))).toThrow("there is no run or checkpoint");
    expect(() => newestRun(join(out, "nowhere"))).toThrow("there is no run in");
  });
});
