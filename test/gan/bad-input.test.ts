// Bad input to the library. Each gives a typed error of one line that names the argument, the value and the rule.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createGan, type Gan, type GanOptions } from "../../src/index.ts";
import { KERNEL_NAMES, KERNELS_BASE64 } from "../../src/engine/runtime/kernels.generated.ts";
import { failureOf } from "../support/failure.ts";
import { differences, images, latent, tinyGan } from "./tiny-gan.ts";

describe("createGan", () => {
  const RECIPE = { pretrain: 0, discriminatorRate: 1e-4, generatorRate: 5e-4, beta1: 0.5, trainBeta: true };
  const zDim = (value: unknown): string => `zDim is ${value}; it must be a multiple of 4 from 4 to 1024`;
  const batch = (value: unknown): string => `batchSize is ${value}; it must be an integer from 1 to 512`;
  const seed = (value: unknown): string =>
    `seed is ${value}; it must be an integer from 0 to 2^53-1 (9007199254740991)`;
  const threads = (value: unknown): string => `threads is ${value}; it must be "auto" or an integer from 1 to 256`;
  const known = "there are batchSize, zDim, seed, threads, recipe, module, bytes, url";

  const cases: [options: unknown, message: string][] = [
    ...[6, 0, -4, 2, 1028, 100.5, NaN, Infinity, "100", null].map((z): [unknown, string] => [{ zDim: z }, zDim(z)]),
    ...[0, 513, 1.5, -1, NaN, "50", null].map((size): [unknown, string] => [{ batchSize: size }, batch(size)]),
    ...[-1, 2 ** 53, 0.5, NaN, "7", null].map((value): [unknown, string] => [{ seed: value }, seed(value)]),
    ...[0, 257, 1.5, NaN, "all", null].map((value): [unknown, string] => [{ threads: value }, threads(value)]),
    [{ recipe: "fast" }, `recipe "fast" does not exist; there are balanced and tutorial`],
    [{ recipe: "toString" }, `recipe "toString" does not exist; there are balanced and tutorial`],
    [{ recipe: 3 }, "recipe 3 is neither a name nor a record of five numbers"],
    [{ recipe: null }, "recipe null is neither a name nor a record of five numbers"],
    [{ recipe: {} }, "recipe: pretrain is undefined; it must be an integer ≥ 0"],
    [{ recipe: { ...RECIPE, pretrain: -1 } }, "recipe: pretrain is -1; it must be an integer ≥ 0"],
    [{ recipe: { ...RECIPE, pretrain: 0.5 } }, "recipe: pretrain is 0.5; it must be an integer ≥ 0"],
    [
      { recipe: { ...RECIPE, discriminatorRate: 0 } },
      "recipe: discriminatorRate is 0; it must be a finite number above 0",
    ],
    [{ recipe: { ...RECIPE, generatorRate: NaN } }, "recipe: generatorRate is NaN; it must be a finite number above 0"],
    [
      { recipe: { ...RECIPE, generatorRate: "1e-4" } },
      "recipe: generatorRate is 1e-4; it must be a finite number above 0",
    ],
    [{ recipe: { ...RECIPE, beta1: 1 } }, "recipe: beta1 is 1; it must be a number in [0, 1)"],
    [{ recipe: { ...RECIPE, beta1: -0.1 } }, "recipe: beta1 is -0.1; it must be a number in [0, 1)"],
    [{ recipe: { ...RECIPE, beta1: "0.5" } }, "recipe: beta1 is 0.5; it must be a number in [0, 1)"],
    [{ recipe: { ...RECIPE, trainBeta: 1 } }, "recipe: trainBeta is 1; it must be true or false"],
    [{ zdim: 20 }, `createGan: there is no option "zdim"; ${known}`],
    [{ "batch\nsize": 20 }, `createGan: there is no option "batch size"; ${known}`],
    [null, "createGan: the options are null, not an object"],
    ["balanced", "createGan: the options are balanced, not an object"],
  ];

  test.each(cases)("%j", async (options, message) => {
    expect(await failureOf(() => createGan(options as GanOptions))).toEqual({ code: "ARGUMENT", message });
  });

  test.each([4, 1024])("takes zDim %i and batches of 1 and 512", async (zDim) => {
    const gans = await Promise.all([1, 512].map((batchSize) => createGan({ zDim, batchSize, seed: 2 ** 53 - 1 })));
    expect(gans.map((gan) => [gan.zDim, gan.batchSize])).toEqual([
      [zDim, 1],
      [zDim, 512],
    ]);
  });
});

describe("methods, for batch 2 and zDim 4", () => {
  let gan: Gan;
  beforeAll(async () => {
    gan = await tinyGan();
  });

  const [good, z] = [images(0), latent(0)];
  const withValue = (values: Float32Array, at: number, value: number): Float32Array => values.with(at, value);
  const any = (value: unknown): Float32Array => value as Float32Array;
  const floats = (length: number): Float32Array => new Float32Array(length);

  const cases: [call: string, code: string, message: string, run: () => unknown][] = [];
  for (const method of ["pretrainStep", "discriminatorStep"] as const) {
    const bad = (code: string, rule: string, pixels: Float32Array, vectors = z): void => {
      cases.push([method, code, `${method}: ${rule}`, () => gan[method](pixels, vectors)]);
    };
    bad("SHAPE", "images has 1567 values; 2·784 = 1568 are needed", floats(1567));
    bad("SHAPE", "images has 0 values; 2·784 = 1568 are needed", floats(0));
    bad("SHAPE", "images has 784 values; 2·784 = 1568 are needed", good.slice(784));
    bad("ARGUMENT", "pixel 5 is NaN; it must be in [0, 1]", withValue(good, 5, NaN));
    bad("ARGUMENT", "pixel 1567 is -0.5; it must be in [0, 1]", withValue(good, 1567, -0.5));
    bad("ARGUMENT", "pixel 0 is 255; it must be in [0, 1]", withValue(good, 0, 255));
    bad("ARGUMENT", "images must be a Float32Array, and this is a plain array", any([...good]));
    bad("ARGUMENT", "images must be a Float32Array, and this is a Uint8Array", any(new Uint8Array(1568)));
    bad("ARGUMENT", "images must be a Float32Array, and this is a Float64Array", any(Float64Array.from(good)));
    bad("ARGUMENT", "images must be a Float32Array, and this is null", any(null));
    bad("ARGUMENT", "images must be a Float32Array, and this is undefined", any(undefined));
    bad("ARGUMENT", "images must be a Float32Array, and this is a plain array", any([good]));
    bad("SHAPE", "z has 7 values; 2·4 = 8 are needed", good, floats(7));
    bad("ARGUMENT", "z[3] is NaN; it must be finite", good, withValue(z, 3, NaN));
    bad("ARGUMENT", "z[0] is -Infinity; it must be finite", good, withValue(z, 0, -Infinity));
    bad("ARGUMENT", "z must be a Float32Array, and this is a plain array", good, any([...z]));
  }
  const generator = (code: string, message: string, vectors: Float32Array): void => {
    cases.push(["generatorStep", code, `generatorStep: ${message}`, () => gan.generatorStep(vectors)]);
  };
  generator("SHAPE", "z has 9 values; 2·4 = 8 are needed", floats(9));
  generator("ARGUMENT", "z[7] is Infinity; it must be finite", withValue(z, 7, Infinity));
  generator("ARGUMENT", "z must be a Float32Array, and this is object", any({ length: 8 }));

  const drawn = (code: string, message: string, vectors: Float32Array): void => {
    cases.push(["generate", code, `generate: ${message}`, () => gan.generate(vectors)]);
  };
  drawn("SHAPE", "z: 0 values are not n·4 with n from 1 to 512", floats(0));
  drawn("SHAPE", "z: 5 values are not n·4 with n from 1 to 512", floats(5));
  drawn("SHAPE", "z: 2052 values are not n·4 with n from 1 to 512", floats(513 * 4));
  drawn("ARGUMENT", "z[1] is NaN; it must be finite", withValue(z, 1, NaN));
  drawn("ARGUMENT", "z must be a Float32Array, and this is number", any(4));

  const estimated = (code: string, message: string, pixels: Float32Array): void => {
    cases.push(["estimate", code, `estimate: ${message}`, () => gan.estimate(pixels)]);
  };
  estimated("SHAPE", "images: 0 values are not n·784 with n from 1 to 512", floats(0));
  estimated("SHAPE", "images: 785 values are not n·784 with n from 1 to 512", floats(785));
  estimated("SHAPE", "images: 402192 values are not n·784 with n from 1 to 512", floats(513 * 784));
  estimated("ARGUMENT", "pixel 2 is 1.5; it must be in [0, 1]", withValue(good, 2, 1.5));
  estimated("ARGUMENT", "images must be a Float32Array, and this is a plain array", any([0.5]));

  const graded = (code: string, message: string, loss: unknown, pixels = good, vectors = z): void => {
    cases.push(["gradients", code, `gradients: ${message}`, () => gan.gradients(loss as "dLoss", pixels, vectors)]);
  };
  const losses = "there are dLossReal, dLossFake, dLoss, gLoss";
  graded("ARGUMENT", `there is no loss "loss"; ${losses}`, "loss");
  graded("ARGUMENT", `there is no loss "constructor"; ${losses}`, "constructor");
  graded("ARGUMENT", `there is no loss "undefined"; ${losses}`, undefined);
  graded("SHAPE", "images has 784 values; 2·784 = 1568 are needed", "dLoss", good.slice(784));
  graded("ARGUMENT", "pixel 0 is 2; it must be in [0, 1]", "dLossReal", withValue(good, 0, 2));
  graded("SHAPE", "z has 4 values; 2·4 = 8 are needed", "gLoss", good, z.slice(4));

  test.each(cases)("%s → %s: %s", async (_, code, message, run) => {
    expect(await failureOf(run)).toEqual({ code, message });
  });

  test("none of them changed anything", async () => {
    const fresh = await tinyGan();
    expect(differences(gan.state(), fresh.state())).toEqual([]);
    gan.dispose();
  });
});

describe("after dispose", () => {
  const [good, z] = [images(0), latent(0)];
  const uses: [method: string, use: (gan: Gan) => unknown][] = [
    ["pretrainStep", (gan) => gan.pretrainStep(good, z)],
    ["discriminatorStep", (gan) => gan.discriminatorStep(good, z)],
    ["generatorStep", (gan) => gan.generatorStep(z)],
    ["generate", (gan) => gan.generate(z)],
    ["estimate", (gan) => gan.estimate(good)],
    ["gradients", (gan) => gan.gradients("gLoss", good, z)],
    ["latent", (gan) => gan.latent("grid", 0, 1)],
    ["state", (gan) => gan.state()],
    ["variables.get", (gan) => gan.variables.get("d_b4")],
    ["variables.set", (gan) => gan.variables.set("d_b4", [0])],
  ];
  let gan: Gan;
  beforeAll(async () => {
    gan = await tinyGan();
    gan.generate(z);
    gan.dispose();
  });

  test.each(uses)("%s → DISPOSED", async (_, use) => {
    expect(await failureOf(() => use(gan))).toEqual({
      code: "DISPOSED",
      message: "the session was disposed and cannot be used any more",
    });
  });

  test("restore → DISPOSED", async () => {
    const state = (await tinyGan()).state();
    expect((await failureOf(() => gan.restore(state))).code).toBe("DISPOSED");
  });

  test("dispose again is harmless, and what needs no memory still answers", () => {
    gan.dispose();
    expect(gan).toMatchObject({ seed: 7, step: 0, zDim: 4, memoryBytes: 0 });
    expect(gan.variables.shape("d_b4")).toEqual([1]);
  });
});

describe("the kernels' source", () => {
  const bytes = Uint8Array.from(atob(KERNELS_BASE64), (char) => char.charCodeAt(0));
  const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url !== "/kernels.wasm") response.writeHead(404).end("not here");
      else response.writeHead(200, { "content-type": "application/wasm" }).end(bytes);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  afterEach(() => vi.restoreAllMocks());

  test("module, bytes and url work, with the same bits as the embedded kernels", async () => {
    const built = await readFile(new URL("../../dist/kernels.wasm", import.meta.url));
    const sources: GanOptions[] = [
      {},
      { module: await WebAssembly.compile(bytes) },
      { bytes },
      { bytes: bytes.buffer },
      { bytes: built },
      { url: `${origin}/kernels.wasm` },
      { url: new URL("kernels.wasm", origin) },
      { url: `data:application/wasm;base64,${KERNELS_BASE64}` },
    ];
    const logits = await Promise.all(sources.map(async (source) => (await tinyGan(source)).estimate(images(0))));
    for (const each of logits) expect(each).toEqual(logits[0]);
  });

  test("one module serves any number of GANs", async () => {
    const module = await WebAssembly.compile(bytes);
    const [one, two] = await Promise.all([tinyGan({ module }), tinyGan({ module, seed: 8 })]);
    expect(one.estimate(images(0))).not.toEqual(two.estimate(images(0)));
  });

  const any = (value: unknown): never => value as never;
  const cases: [what: string, message: RegExp, options: () => GanOptions][] = [
    [
      "bytes of no WebAssembly",
      /^the kernels of the bytes do not load: .*magic/,
      () => ({ bytes: new Uint8Array(64) }),
    ],
    ["no bytes", /^the kernels of the bytes do not load: .*empty/, () => ({ bytes: new Uint8Array(0) })],
    ["bytes cut off", /^the kernels of the bytes do not load: /, () => ({ bytes: bytes.slice(0, 9000) })],
    ["text for bytes", /^the kernels of the bytes do not load: /, () => ({ bytes: any("AGFzbQ") })],
    [
      "a module of something else",
      new RegExp(
        "^the kernels of the module do not load: this is no kernels.wasm of this version: " +
          `${KERNEL_NAMES.length} kernels are missing, ${KERNEL_NAMES[0]!} first$`,
      ),
      () => ({ module: new WebAssembly.Module(EMPTY_MODULE) }),
    ],
    ["no module", /^the kernels of the module do not load: /, () => ({ module: any({}) })],
    [
      "a file that is not there",
      /^the kernels at http:\S+\/none.wasm do not load: the server answered 404$/,
      () => ({ url: `${origin}/none.wasm` }),
    ],
    [
      "a server that is not there",
      /^the kernels at http:\/\/127.0.0.1:1\/ do not load: fetch failed/,
      () => ({ url: new URL("http://127.0.0.1:1/") }),
    ],
    ["no address", /^the kernels at no address do not load: /, () => ({ url: "no\naddress" })],
  ];

  test.each(cases)("%s → UNSUPPORTED", async (_, message, options) => {
    const failure = await failureOf(() => createGan(options()));
    expect(failure.message).toMatch(message);
    expect(failure.code).toBe("UNSUPPORTED");
  });

  test("an engine without SIMD → UNSUPPORTED", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    expect(await failureOf(() => createGan())).toEqual({
      code: "UNSUPPORTED",
      message:
        "this JavaScript engine has no WebAssembly SIMD; " +
        "Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer have it",
    });
  });

  test("an engine without WebAssembly → UNSUPPORTED", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    try {
      const failure = await failureOf(() => createGan());
      expect(failure).toEqual({ code: "UNSUPPORTED", message: "this JavaScript engine has no WebAssembly" });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
