import { describe, expect, it } from "vitest";
import { filesIn, temporaryFolder, wasmGan } from "./command-line.ts";

/** A wrong command line, and what its one line must name. */
const WRONG: [string[], RegExp][] = [
  [["trian"], /unknown command 'trian'.*train/],
  [["train", "--epochs", "3"], /unknown option '--epochs'/],
  [["train", "more"], /too many arguments/],
  [["train", "--out", ""], /--out.*empty/],
  [["train", "--out="], /--out.*empty/],
  [["train", "--data", " "], /--data.*empty/],
  [["train", "--resume", ""], /--resume.*empty/],
  [["train", "--steps"], /--steps.*missing/],
  [["train", "--steps", "ten"], /--steps.*'ten'.*integer from 0 to 99999999/],
  [["train", "--steps", "-1"], /--steps.*'-1'.*integer/],
  [["train", "--steps", "1e3"], /--steps.*'1e3'.*integer/],
  [["train", "--steps", "2.5"], /--steps.*'2\.5'.*integer/],
  [["train", "--pretrain", "0x10"], /--pretrain.*'0x10'.*integer/],
  [["train", "--batch", "0"], /--batch.*'0'.*integer from 1 to 512/],
  [["train", "--batch", "513"], /--batch.*'513'.*integer from 1 to 512/],
  [["train", "--z-dim", "10"], /--z-dim.*'10'.*multiple of 4/],
  [["train", "--z-dim", "1028"], /--z-dim.*'1028'.*from 4 to 1024/],
  [
    ["train", "--seed", "9007199254740992"],
    /--seed.*'9007199254740992'.*integer from 0 to 2\^53-1 \(9007199254740991\)/,
  ],
  [["train", "--seed", "-1"], /--seed.*'-1'/],
  [["train", "--recipe", "mine"], /--recipe.*'mine'.*balanced, tutorial/],
  [["train", "--generator-rate", "0"], /--generator-rate.*'0'.*above 0/],
  [["train", "--discriminator-rate", "fast"], /--discriminator-rate.*'fast'.*number above 0/],
  [["train", "--threads", "0"], /--threads.*'0'/],
  [["train", "--threads", "many"], /--threads.*'many'/],
  [["train", "--sample-every", "0"], /--sample-every.*'0'.*from 1/],
  [["train", "--checkpoint-every", "0"], /--checkpoint-every.*'0'.*from 1/],
  [["train", "--keep", "some"], /--keep.*'some'/],
  [["sample"], /missing required argument 'run'/],
  [["sample", ""], /run.*empty/],
  [["sample", "a", "b"], /too many arguments/],
  [["sample", "runs", "--count", "0"], /--count.*'0'.*integer from 1 to 512/],
  [["sample", "runs", "--count", "513"], /--count.*'513'.*integer from 1 to 512/],
  [["sample", "runs", "--out", ""], /--out.*empty/],
];

describe("wasm-gan with a wrong command line", () => {
  it("ends with 2 and one line that names option, value and rule, and writes nothing", async () => {
    const cwd = temporaryFolder();
    for (let i = 0; i < WRONG.length; i += 8) {
      const some = WRONG.slice(i, i + 8);
      const outcomes = await Promise.all(some.map(([args]) => wasmGan(cwd, ...args)));
      outcomes.forEach(({ code, stdout, stderr }, j) => {
        const [args, message] = some[j]!;
        expect([args, code, stdout]).toEqual([args, 2, ""]);
        expect(stderr).toMatch(/^wasm-gan: [^\n]+\n$/);
        expect(stderr).toMatch(message);
      });
    }
    expect(filesIn(cwd)).toEqual([]);
  });

  it("shows its help on stderr when it is told nothing", async () => {
    const { code, stdout, stderr } = await wasmGan(temporaryFolder());
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/Usage: wasm-gan[^]*train[^]*sample/);
  });
});

describe("wasm-gan asked about itself", () => {
  it("answers on stdout and ends with 0", async () => {
    const cwd = temporaryFolder();
    expect((await wasmGan(cwd, "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const args of [["--help"], ["help"], ["train", "--help"], ["help", "train"], ["sample", "--help"]]) {
      const { code, stdout, stderr } = await wasmGan(cwd, ...args);
      expect([args, code, stderr]).toEqual([args, 0, ""]);
      expect(stdout).toContain("Usage: wasm-gan");
    }
  });

  it("tells every flag, its default and the exit codes", async () => {
    const { stdout } = await wasmGan(temporaryFolder(), "train", "--help");
    for (const text of ["--data", "--out", "--steps", "--pretrain", "--batch", "--z-dim", "--seed", "--recipe"]) {
      expect(stdout).toContain(`${text} <`);
    }
    for (const text of [
      "--resume [",
      "--dry-run",
      "--json",
      "--quiet",
      "--no-wide",
      "(default: 100000)",
      "Exit codes:",
      "130 or 143",
    ]) {
      expect(stdout).toContain(text);
    }
  });
});
