// The README's programs run as they stand there, on the package that `npm run build` made.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../support/packed-package.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const programs = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, program]) => program!);

/** What a program prints. In the package's own folder Node finds it by its name. */
async function outputOf(program: string): Promise<unknown> {
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout) as unknown;
}

/** The program that holds this text, with the text replaced, so that a change of the README is noticed. */
function programWith(text: string, replacement: string): string {
  const found = programs.filter((program) => program.includes(text));
  expect(found).toHaveLength(1);
  return found[0]!.replace(text, replacement);
}

test("there are two", () => {
  expect(programs).toHaveLength(2);
});

test("the GAN trains, and draws an image", async () => {
  const program = programWith("step < 2000", "step < 2");
  const range = "JSON.stringify([pixels.length, Math.min(...pixels) > 0, Math.max(...pixels) < 1, gan.step])";
  expect(await outputOf(`${program}\nconsole.log(${range});`)).toEqual([28 * 28, true, true, 2]);
}, 60_000);

test("the small model learns what its comment says", async () => {
  const [, comment] = /\/\/ ((?:[\d.]+, )*[\d.]+)\n/.exec(programWith("const { answer }", "const { answer }"))!;
  const wanted = comment!.split(", ");
  const found = (await outputOf(
    `${programWith("placeholder", "placeholder")}\nconsole.log(JSON.stringify([...answer]));`,
  )) as number[];
  expect(found.map((value, i) => value.toFixed(wanted[i]!.length - 2))).toEqual(wanted);
}, 60_000);
