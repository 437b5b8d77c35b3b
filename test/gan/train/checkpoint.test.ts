import { beforeAll, describe, expect, it } from "vitest";
import { FormatError, MismatchError, NonFiniteError, NumericsError } from "../../../src/engine/errors.ts";
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from "../../../src/formats/safetensors.ts";
import type { GanState } from "../../../src/gan/types.ts";
import { NUMERICS_VERSION } from "../../../src/engine/numerics-version.ts";
import {
  encodeCheckpoint,
  readCheckpoint,
  stateOf,
  streamCheckpoint,
  type DataIdentity,
} from "../../../src/gan/train/checkpoint.ts";
import { FakeGan } from "./fake-gan.ts";

const data: DataIdentity = { name: "digits", sha256: "0123456789abcdef".repeat(4) };

/** A GAN in the middle of its training: pre-training is over, all four trainers have moments. */
function trainedGan(options: ConstructorParameters<typeof FakeGan>[0] = {}): FakeGan {
  const gan = new FakeGan(options);
  const images = new Float32Array(2 * 784).fill(0.25);
  const z = gan.latent("generator", 0, 2);
  for (let i = 0; i < gan.recipe.pretrain; i++) gan.pretrainStep(images, z);
  for (let i = 0; i < 2; i++) {
    gan.discriminatorStep(images, z);
    gan.generatorStep(z);
  }
  return gan;
}

async function read(bytes: Uint8Array, gan = new FakeGan()): Promise<GanState> {
  return stateOf(await readCheckpoint(bytes), gan);
}

/** The checkpoint with other tensors or metadata, and a digest that matches them. */
async function changed(
  bytes: Uint8Array,
  change: (tensors: Map<string, SafetensorsTensor>, metadata: Map<string, string>) => void,
): Promise<Uint8Array> {
  const content = await decodeSafetensors(bytes);
  const [tensors, metadata] = [new Map(content.tensors), new Map(content.metadata)];
  change(tensors, metadata);
  return await encodeSafetensors({ tensors, metadata });
}

describe("checkpoint", () => {
  let bytes: Uint8Array;
  beforeAll(async () => {
    const gan = trainedGan();
    bytes = await encodeCheckpoint(gan, gan.state(), data);
  });

  it("gives back the state it was made of, and the data's identity", async () => {
    expect(await read(bytes)).toEqual(trainedGan().state());
    expect((await readCheckpoint(bytes)).data).toEqual(data);
  });

  it("is the same bytes for the same state", async () => {
    const gan = trainedGan();
    expect(await encodeCheckpoint(gan, gan.state(), data)).toEqual(bytes);
  });

  it("holds exactly what a resume needs", async () => {
    const { tensors, metadata } = await decodeSafetensors(bytes);
    const moments = (trainer: string, names: string[]): string[] =>
      ["m", "v"].flatMap((kind) => names.map((name) => `${trainer}/${kind}/${name}`));
    const d = ["dTrainerReal", "dTrainerFake", "dTrainer"].flatMap((trainer) => moments(trainer, ["d_w1", "d_b1"]));
    expect([...tensors.keys()].sort()).toEqual(
      ["g_w1", "bn1/beta", "d_w1", "d_b1", ...d, ...moments("gTrainer", ["g_w1"])].sort(),
    );
    expect(tensors.get("dTrainer/v/d_w1")?.shape).toEqual([2, 2]);
    expect(Object.fromEntries(metadata)).toEqual({
      format: "wasm-gan/2",
      numericsVersion: String(NUMERICS_VERSION),
      seed: "7",
      phase: "train",
      step: "2",
      "t/dTrainerReal": "3",
      "t/dTrainerFake": "3",
      "t/dTrainer": "2",
      "t/gTrainer": "2",
      batch: "2",
      zDim: "4",
      "recipe/pretrain": "3",
      "recipe/discriminatorRate": "0.1",
      "recipe/generatorRate": "0.2",
      "recipe/beta1": "0.5",
      "recipe/trainBeta": "false",
      data: "digits",
      "data/sha256": data.sha256,
    });
  });

  it("has no moments of a trainer that has not trained", async () => {
    const gan = new FakeGan();
    const state = gan.state();
    const first = await encodeCheckpoint(gan, state, data);
    expect((await decodeSafetensors(first)).tensors.size).toBe(4);
    expect(await read(first)).toEqual(state);
  });

  it("refuses every truncation and every flipped bit", async () => {
    const damaged = Array.from(bytes, (_, length) => bytes.slice(0, length));
    for (let at = 0; at < bytes.length; at++) {
      const copy = bytes.slice();
      copy[at] = copy[at]! ^ (1 << (at % 8));
      damaged.push(copy);
    }
    expect(damaged.length).toBe(2 * bytes.length);
    const codes = await Promise.all(
      damaged.map((copy) =>
        read(copy).then(
          () => "accepted",
          (error: unknown) => error,
        ),
      ),
    );
    expect(codes.filter((code) => !(code instanceof FormatError))).toEqual([]);
  });

  it("refuses a tensor that is missing, unknown, of another shape or not finite", async () => {
    const one: SafetensorsTensor = { shape: [1], values: Float32Array.of(1) };
    const cases: [string, (tensors: Map<string, SafetensorsTensor>) => void][] = [
      ["d_b1", (tensors) => tensors.delete("d_b1")],
      ["gTrainer/v/g_w1", (tensors) => tensors.delete("gTrainer/v/g_w1")],
      ["d_w2", (tensors) => tensors.set("d_w2", one)],
      ["gTrainer/m/bn1/beta", (tensors) => tensors.set("gTrainer/m/bn1/beta", one)],
      ["[4] instead of [2,2]", (tensors) => tensors.set("d_w1", { shape: [4], values: tensors.get("d_w1")!.values })],
      ["bn1/beta holds NaN", (tensors) => tensors.set("bn1/beta", { shape: [1], values: Float32Array.of(NaN) })],
    ];
    for (const [message, change] of cases) {
      const wrong = await changed(bytes, change);
      await expect(read(wrong), message).rejects.toThrow(FormatError);
      await expect(read(wrong)).rejects.toThrow(message);
    }
  });

  it("refuses metadata that is missing, unknown, outside its range or not in its one spelling", async () => {
    const { metadata } = await decodeSafetensors(bytes);
    expect(metadata.size).toBe(18);
    for (const key of metadata.keys()) {
      await expect(read(await changed(bytes, (_, texts) => texts.delete(key)))).rejects.toThrow(FormatError);
      if (key === "data") continue; // any name will do
      for (const wrong of ["", "-1", "1e400", "NaN", "0x2", " 2", "2.50"]) {
        const copy = await changed(bytes, (_, texts) => texts.set(key, wrong));
        await expect(read(copy), `${key} = ${wrong}`).rejects.toThrow(FormatError);
        await expect(read(copy)).rejects.toThrow(key);
      }
    }
    await expect(read(await changed(bytes, (_, texts) => texts.set("path", "/home/me")))).rejects.toThrow(/path/);
  });

  it("refuses a file of format 1 by name and says which format it reads", async () => {
    const { tensors, metadata } = await decodeSafetensors(bytes);
    const oldNames = [...tensors].map(([name, tensor]) => [/^[dg]Trainer/.test(name) ? `adam/${name}` : name, tensor]);
    const old = await encodeSafetensors({
      tensors: new Map(oldNames as [string, SafetensorsTensor][]),
      metadata: new Map([...metadata, ["format", "wasm-gan/1"]]),
    });
    expect((await decodeSafetensors(old)).tensors.has("adam/dTrainerReal/m/d_w1"), "as version 1 named it").toBe(true);
    await expect(readCheckpoint(old)).rejects.toThrow(FormatError);
    await expect(readCheckpoint(old)).rejects.toThrow(
      `the checkpoint's format is "wasm-gan/1"; it must be wasm-gan/2, the one this version reads`,
    );
    await expect(readCheckpoint(old, { allowNumericsChange: true })).rejects.toThrow(FormatError);
  });

  it("refuses a t that its moments contradict", async () => {
    const copy = await changed(bytes, (_, texts) => texts.set("t/gTrainer", "0"));
    await expect(read(copy)).rejects.toThrow("gTrainer/m/g_w1");
  });

  it("refuses another configuration and names both values", async () => {
    const others = [
      [new FakeGan({ seed: 8 }), "seed 7, the run has 8"],
      [new FakeGan({ recipe: { pretrain: 4 } }), "pretrain 3, the run has 4"],
      [new FakeGan({ recipe: { discriminatorRate: 0.3 } }), "discriminatorRate 0.1, the run has 0.3"],
      [new FakeGan({ recipe: { beta1: 0.9 } }), "beta1 0.5, the run has 0.9"],
      [new FakeGan({ recipe: { trainBeta: true } }), "trainBeta false, the run has true"],
    ] as const;
    for (const [gan, message] of others) {
      await expect(read(bytes, gan)).rejects.toThrow(MismatchError);
      await expect(read(bytes, gan)).rejects.toThrow(message);
    }
    const batch = await changed(bytes, (_, texts) => texts.set("batch", "50"));
    await expect(read(batch)).rejects.toThrow("batch 50, the run has 2");
  });

  it("refuses another NUMERICS_VERSION and names both, unless that is allowed", async () => {
    const other = await changed(bytes, (_, texts) => texts.set("numericsVersion", "99"));
    await expect(readCheckpoint(other)).rejects.toThrow(NumericsError);
    await expect(readCheckpoint(other)).rejects.toThrow(`NUMERICS_VERSION 99, this program has ${NUMERICS_VERSION}`);
    const allowed = await readCheckpoint(other, { allowNumericsChange: true });
    expect(stateOf(allowed, new FakeGan())).toEqual(trainedGan().state());
  });

  it("is not made of a state that is not finite", async () => {
    const gan = trainedGan();
    gan.variables.set("d_b1", [1, Number.POSITIVE_INFINITY]);
    await expect(encodeCheckpoint(gan, gan.state(), data)).rejects.toThrow(NonFiniteError);
    await expect(encodeCheckpoint(gan, gan.state(), data)).rejects.toThrow("d_b1");
    expect(() => streamCheckpoint(gan, gan.stateView(), data), "before the first piece").toThrow(NonFiniteError);
  });
});
