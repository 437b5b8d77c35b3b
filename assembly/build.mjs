// Compiles the kernels, embeds them for the library and tells it their sizes.
//
//   dist/kernels.wasm         on plain memory, for one thread
//   dist/kernels-shared.wasm  the same source on shared memory, for several threads
//   dist/kernels-debug.wasm   the same source with the checks of contract.ts, and the functions of debug/, for tests
//
//   src/engine/runtime/kernels.generated.ts         the plain build in base64, and the names and types of its kernels
//   src/engine/runtime/kernels-shared.generated.ts  the shared build in base64; the library loads it for several
//                                                   threads
//   src/engine/runtime/sizes.generated.ts           the sizes that sizes.ts lists, as numbers
//
// `npm run build:kernels` runs it. A second build costs nothing: each generated module names the hash of the sources it
// was made from, and where the hash is right and all files are there, nothing is done.
/* global WebAssembly */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const GENERATED = "src/engine/runtime/kernels.generated.ts";
const GENERATED_SHARED = "src/engine/runtime/kernels-shared.generated.ts";
const GENERATED_SIZES = "src/engine/runtime/sizes.generated.ts";
const SIZES = "assembly/sizes.ts";

/** The targets of asconfig.json: what each makes in dist/, and what it compiles beside the kernels. */
const BUILDS = [
  { target: "release", name: "kernels" },
  { target: "shared", name: "kernels-shared" },
  { target: "debug", name: "kernels-debug", entries: ["assembly/debug/index.ts"] },
];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync("dist", { recursive: true });
const sources = hashOfSources();
if (!isUpToDate()) await build();

async function build() {
  const scratch = mkdtempSync(join(tmpdir(), "wasm-gan-kernels-"));
  try {
    for (const { target, name, entries = [] } of BUILDS) {
      const outFile = join(scratch, `${name}.wasm`);
      await compile([...entries, "--config", "asconfig.json", "--target", target, "--outFile", outFile]);
      replace(`dist/${name}.wasm`, readFileSync(outFile));
    }
    replace(GENERATED_SIZES, Buffer.from(await sizes(join(scratch, "sizes.wasm"))));
    replace(GENERATED_SHARED, Buffer.from(embedShared()));
    replace(GENERATED, Buffer.from(embed(readFileSync(join(scratch, "kernels.d.ts"), "utf8"))));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function compile(options) {
  const { error, stderr } = await asc.main(options);
  if (error) throw new Error(stderr.toString());
}

/** SHA-256 of all that decides the binaries: sources, settings, compiler. */
function hashOfSources() {
  const files = readdirSync("assembly", { recursive: true }).filter((name) => /\.(ts|mjs|json)$/.test(name));
  const paths = ["asconfig.json", ...files.sort().map((name) => join("assembly", name))];
  const hash = createHash("sha256").update(asc.version);
  for (const path of paths) hash.update(`\n${path}\n`).update(readFileSync(path));
  return hash.digest("hex");
}

function isUpToDate() {
  const made = BUILDS.every(({ name }) => existsSync(`dist/${name}.wasm`));
  const names = (path) => existsSync(path) && readFileSync(path, "utf8").includes(sources);
  return made && [GENERATED, GENERATED_SHARED, GENERATED_SIZES].every(names);
}

/** The generated module with the sizes: a compiled sizes.ts exports each as a constant. */
async function sizes(outFile) {
  // Another base than the repository, so that asc does not read asconfig.json.
  const options = ["--baseDir", "assembly", "--runtime", "stub", "--enable", "simd", "--noAssert", "--disableWarning"];
  await compile([basename(SIZES), ...options, "--outFile", outFile]);
  const { instance } = await WebAssembly.instantiate(readFileSync(outFile));
  const exported = [...readFileSync(SIZES, "utf8").matchAll(/export \{([^}]*)\} from "\.\/([^"]+)";/g)];
  const constants = exported.flatMap(([, names, file]) =>
    names
      .split(",")
      .map((name) => name.trim().split(" as ").at(-1))
      .filter((name) => name !== "")
      .map((name) => ({ name, value: instance.exports[name].value, file: `assembly/${file}.ts` })),
  );
  if (constants.length === 0) throw new Error(`${SIZES} lists no size`);
  const { maximumMemory } = JSON.parse(readFileSync("asconfig.json", "utf8")).targets.shared;
  constants.push({ name: "MOST_PAGES", value: maximumMemory, file: "asconfig.json, maximumMemory" });
  return [
    ...heading(SIZES),
    ...constants.flatMap(({ name, value, file }) => [`/** ${file} */`, `export const ${name} = ${value};`, ""]),
  ].join("\n");
}

/** The generated module: the binary as text, and each kernel's name and type, from asc's own declarations. */
function embed(bindings) {
  const kernels = [...bindings.matchAll(/export function (\w+)\(([^)]*)\): (\w+);/g)];
  if (kernels.length === 0) throw new Error("asc's declarations list no kernel");
  const properties = kernels.map(([, name, parameters, result]) => {
    const args = parameters.split(", ").map((parameter) => parameter.replace("?", ""));
    return `  ${name}: (${args.join(", ")}) => ${result};`;
  });
  return [
    ...heading(),
    "/** The functions kernels.wasm exports. Addresses are in bytes, sizes in elements, ranges half-open. */",
    "export interface Kernels {",
    ...properties,
    "}",
    "",
    "/** All kernels by name. */",
    "export const KERNEL_NAMES: readonly (keyof Kernels)[] = [",
    ...kernels.map(([, name]) => `  "${name}",`),
    "];",
    "",
    ...embeddedBinary("kernels.wasm", "KERNELS_BASE64"),
  ].join("\n");
}

/** The generated module with the build on shared memory; its functions are the same. */
function embedShared() {
  return [...heading(), ...embeddedBinary("kernels-shared.wasm", "KERNELS_SHARED_BASE64")].join("\n");
}

function heading(from = "assembly/index.ts") {
  return [`// Generated by assembly/build.mjs from ${from}; do not edit.`, `// Sources: ${sources}`, ""];
}

function embeddedBinary(file, constant) {
  return [
    `/** ${file} in base64. */`,
    `export const ${constant}: string =`,
    `  "${readFileSync(`dist/${file}`).toString("base64")}";`,
    "",
  ];
}

/** Puts the file in place in one step, so that builds side by side do not meet; an equal file stays untouched. */
function replace(path, bytes) {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}
