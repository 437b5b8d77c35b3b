// `wasm-gan train --threads`: the number of threads leaves no trace in what is written.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentOf, metricsOf, temporaryFolder, wasmGan, writeIdxFolder } from "../cli/command-line.ts";

const FLAGS = ["--pretrain", "2", "--steps", "3", "--batch", "4", "--z-dim", "8", "--sample-every", "2", "--quiet"];

test("two threads write the files that one thread writes", async () => {
  const folder = temporaryFolder();
  writeIdxFolder(join(folder, "data"));
  const trained = async (threads: string): Promise<string> => {
    const out = `runs-${threads}`;
    const { code, stderr } = await wasmGan(
      folder,
      "train",
      "--data",
      "data",
      "--out",
      out,
      ...FLAGS,
      "--threads",
      threads,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return join(folder, out, "00000-seed7");
  };
  const [one, two] = [await trained("1"), await trained("2")];
  for (const files of ["checkpoints", "samples"]) {
    expect(Object.keys(contentOf(join(one, files))).length).toBeGreaterThan(0);
    expect(contentOf(join(two, files))).toEqual(contentOf(join(one, files)));
  }
  expect(metricsOf(two)).toBe(metricsOf(one));
  expect(readFileSync(join(two, "config.json"), "utf8")).toBe(readFileSync(join(one, "config.json"), "utf8"));
});
