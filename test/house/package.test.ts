import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importClosure } from "../support/import-closure.ts";
import { packPackage, root, type PackedPackage } from "../support/packed-package.ts";

const run = promisify(execFile);

/** What a page that imports the library loads, kernels included, gzipped and not minified; threads come on top. */
const LIBRARY_BUDGET = 152_000;

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Runs an installed tool; never throws, so that a test can show what the tool printed. */
async function checkWith(tool: string, ...args: string[]): Promise<{ code: number; output: string }> {
  try {
    return { code: 0, output: (await run(join(root, "node_modules/.bin", tool), args)).stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe("the published package", () => {
  let packed: PackedPackage;
  beforeAll(async () => {
    packed = await packPackage();
  });
  afterAll(async () => {
    await packed.remove();
  });

  it("holds what it needs", () => {
    expect(packed.files).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "package.json",
        "dist/index.js",
        "dist/index.d.ts",
        "dist/data/index.js",
        "dist/data/index.d.ts",
        "dist/bundle/index.js",
        "dist/bundle/data.js",
        "dist/cli/main.js",
        "dist/kernels.wasm",
        "dist/kernels-shared.wasm",
        "dist/engine/platform/node-worker.js",
        "dist/engine/platform/web-worker.js",
      ]),
    );
  });

  it("holds nothing else", () => {
    const documents = /^(?:LICENSE|README\.md|ARCHITECTURE\.md|CHANGELOG\.md|package\.json)$/;
    const code = /^dist\/(?:.*\.(?:js|d\.ts)|kernels(?:-shared)?\.wasm)$/;
    expect(packed.files.filter((path) => !documents.test(path) && !code.test(path))).toEqual([]);
  });

  it("holds only modules that src/ still has", async () => {
    const sources = await readdir(join(root, "src"), { recursive: true });
    const modules = new Set(sources.map((path) => path.replaceAll("\\", "/").replace(/\.ts$/, "")));
    const compiled = packed.files.filter((path) => /^dist\/(?!bundle\/).*\.(?:js|d\.ts)$/.test(path));
    expect(compiled.filter((path) => !modules.has(path.replace(/^dist\/|\.(?:js|d\.ts)$/g, "")))).toEqual([]);
  });

  it("runs no script when it is installed", async () => {
    const { scripts } = JSON.parse(await readFile(join(packed.folder, "package.json"), "utf8")) as Manifest;
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
  });

  it("starts its command by a line that finds Node", async () => {
    expect(await readFile(join(packed.folder, "dist/cli/main.js"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("passes publint", async () => {
    const { code, output } = await checkWith("publint", "run", packed.tarball, "--strict");
    expect(code, output).toBe(0);
    expect(output).toMatch(/All good!/);
  });

  it("passes are-the-types-wrong", async () => {
    // the .wasm files are assets for platforms that load them themselves; no resolver of types knows its ending.
    const options = [
      "--profile",
      "esm-only",
      "--exclude-entrypoints",
      "kernels.wasm",
      "kernels-shared.wasm",
      "--no-definitely-typed",
    ];
    const { code, output } = await checkWith("attw", packed.tarball, ...options, "--no-color", "--no-emoji");
    expect(code, output).toBe(0);
    expect(output).toMatch(/"wasm-gan\/data"/);
  });

  it("runs: the same losses in one thread and in two, and both entries throw the same classes of errors", async () => {
    const script = join(packed.project, "run.mjs");
    await writeFile(
      script,
      `import { ArgumentError, createGan } from "wasm-gan";
       import { batches, digits } from "wasm-gan/data";
       const data = digits({ seed: 1 });
       for (const threads of [1, 2]) {
         const gan = await createGan({ batchSize: 2, threads });
         const images = batches(data, { batchSize: 2, seed: 1 }).next();
         console.log(gan.threads, JSON.stringify(gan.discriminatorStep(images, gan.latent("discriminator", 0, 2))));
         gan.dispose();
       }
       try {
         batches(data, { batchSize: -1 });
       } catch (error) {
         console.log(error.name, error instanceof ArgumentError);
       }`,
    );
    const { stdout } = await run(process.execPath, [script]);
    const [one, two, error] = stdout.split("\n");
    expect(one).toMatch(/^1 \{"dLossReal":0\.\d+,"dLossFake":0\.\d+\}$/);
    expect(two).toBe(one!.replace("1", "2"));
    expect(error).toBe("ArgumentError true");
  });

  it("compiles in a strict project that knows neither Node's types nor skipLibCheck", async () => {
    const consumer = join(packed.project, "consumer.mts");
    await writeFile(
      consumer,
      `import { createGan, Graph, ops, nn, optim, compile } from "wasm-gan";
       import { batches, digits } from "wasm-gan/data";
       const gan = await createGan({ batchSize: 2, recipe: "tutorial" });
       const logits: Float32Array = gan.estimate(new Float32Array(784));
       const images = batches(digits({ seed: 1 }), { batchSize: 2, seed: 1, holdOut: 0 });
       console.log(logits, Graph, ops, nn, optim, compile, images);`,
    );
    const program = ts.createProgram([consumer], {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      types: [],
      noEmit: true,
    });
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    expect(problems).toEqual([]);
  });
});

describe.each(["dist/index.js", "dist/data/index.js", "dist/bundle/index.js", "dist/bundle/data.js"])(
  "the library entry %s",
  (entry) => {
    it("imports no Node module and no package", async () => {
      const { files, foreign } = await importClosure(join(root, entry));
      expect(files.length).toBeGreaterThan(1);
      expect([...foreign]).toEqual([]);
      expect(files.map((path) => relative(root, path)).filter((path) => !/^dist\/(?!cli\/)/.test(path))).toEqual([]);
    });

    it("needs no foreign types", async () => {
      const types = entry.replace("bundle/data", "data/index").replace("bundle/", "").replace(/\.js$/, ".d.ts");
      const { foreign, typeReferences } = await importClosure(join(root, types));
      expect([...foreign, ...typeReferences]).toEqual([]);
    });

    it("stays within its size", async () => {
      const { files } = await importClosure(join(root, entry), { later: false });
      expect(
        files.map((path) => relative(root, path)).filter((path) => /threads|kernels-shared|platform\//.test(path)),
      ).toEqual([]);
      const bytes = gzipSync((await Promise.all(files.map((path) => readFile(path)))).join("\n")).length;
      expect(bytes).toBeGreaterThan(1000);
      expect(bytes).toBeLessThanOrEqual(LIBRARY_BUDGET);
    });
  },
);

it("a browser's worker imports nothing that only Node has", async () => {
  const { files, foreign } = await importClosure(join(root, "dist/engine/platform/web-worker.js"));
  expect(files.length).toBeGreaterThan(1);
  expect([...foreign]).toEqual([]);
});

it("the command line imports only the packages package.json names", async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  const { foreign } = await importClosure(join(root, "dist/cli/main.js"));
  const packages = [...foreign].filter((specifier) => !specifier.startsWith("node:"));
  expect(packages.sort()).toEqual(Object.keys(dependencies).sort());
});
