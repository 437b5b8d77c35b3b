import { describe, expect, it } from "vitest";
import { batches, digits } from "../../../src/data/index.ts";
import { ArgumentError, NonFiniteError } from "../../../src/engine/errors.ts";
import type { GanState } from "../../../src/gan/types.ts";
import { GRID_COUNT, train, type TrainEvent, type TrainOptions } from "../../../src/gan/train/trainer.ts";
import { digest, FAKE_BATCH, FakeGan } from "./fake-gan.ts";

/** Seven images, of which one is held out: six in an epoch, three batches. */
const dataset = {
  images: Uint8Array.from({ length: 7 * 784 }, (_, i) => (i * 37 + Math.floor(i / 784) * 11) % 256),
  labels: Uint8Array.from({ length: 7 }, (_, i) => i % 10),
  count: 7,
};
const options: TrainOptions = { steps: 5, sampleEvery: 2, checkpointEvery: 2, holdOut: 1 };

async function collect(gan: FakeGan, changes: TrainOptions = {}): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(gan, dataset, { ...options, ...changes })) events.push(event);
  return events;
}

/** The events of a whole training, and the state at each checkpoint. */
async function collectStates(): Promise<{ events: TrainEvent[]; states: Map<TrainEvent, GanState> }> {
  const gan = new FakeGan();
  const events: TrainEvent[] = [];
  const states = new Map<TrainEvent, GanState>();
  for await (const event of train(gan, dataset, options)) {
    events.push(event);
    if (event.type === "checkpoint") states.set(event, gan.state());
  }
  return { events, states };
}

/** Events as short texts. */
function names(events: readonly TrainEvent[]): string[] {
  return events.map((event) => {
    return event.type === "sample" ? `sample ${event.step}` : `${event.type} ${event.phase} ${event.step}`;
  });
}

/** An event whose pictures are replaced by digests, which are quick to compare. */
function compact(event: TrainEvent): unknown {
  return event.type === "sample" ? { ...event, image: digest(event.image), grid: digest(event.grid) } : event;
}

describe("train", () => {
  it("tells of pre-training, iterations, samples (after iteration 0 too), checkpoints, a last checkpoint", async () => {
    expect(names(await collect(new FakeGan()))).toEqual([
      "start pretrain 0",
      "step pretrain 0",
      "step pretrain 1",
      "checkpoint pretrain 2",
      "step pretrain 2",
      "sample 0",
      "step train 0",
      "step train 1",
      "checkpoint train 2",
      "sample 2",
      "step train 2",
      "step train 3",
      "checkpoint train 4",
      "sample 4",
      "step train 4",
      "checkpoint train 5",
      "end train 5",
    ]);
  });

  it("feeds consecutive real batches through both phases, and the z of (purpose, step)", async () => {
    const gan = new FakeGan();
    await collect(gan, { sampleEvery: 0 });
    const real = batches(dataset, { batchSize: FAKE_BATCH, seed: gan.seed, holdOut: 1 });
    const z = (stream: "pretrain" | "discriminator" | "generator", step: number): number =>
      digest(gan.latent(stream, step, FAKE_BATCH));
    const wanted = [0, 1, 2].map((step) => `pretrainStep ${digest(real.next())} ${z("pretrain", step)}`);
    for (let step = 0; step < 5; step++) {
      wanted.push(`discriminatorStep ${digest(real.next())} ${z("discriminator", step)}`);
      wanted.push(`generatorStep ${z("generator", step)}`);
    }
    expect(gan.calls).toEqual(wanted);
  });

  it("samples one image from a fresh z in a batch of 1, its logit, and a grid from vectors that stay", async () => {
    const gan = new FakeGan();
    const samples = (await collect(gan)).filter((event) => event.type === "sample");
    for (const { image, estimate, grid } of samples) {
      expect([image.length, grid.length]).toEqual([784, GRID_COUNT * 784]);
      expect(estimate).toBe(image[0]);
    }
    const drawn = gan.calls.filter((call) => call.startsWith("generate "));
    const grid = `generate ${digest(gan.latent("grid", 0, GRID_COUNT))}`;
    const single = [0, 2, 4].map((step) => `generate ${digest(gan.latent("sample", step, 1))}`);
    expect(drawn).toEqual(single.flatMap((call) => [call, grid]));
  });

  it("reports the losses of the steps, gLoss in the training proper only", async () => {
    const steps = (await collect(new FakeGan())).filter((event) => event.type === "step");
    expect(steps).toHaveLength(8);
    for (const { phase, losses } of steps) {
      const keys = phase === "pretrain" ? ["dLossReal", "dLossFake"] : ["dLossReal", "dLossFake", "gLoss"];
      expect(Object.keys(losses)).toEqual(keys);
    }
  });

  it("goes on from every checkpoint with the same steps and ends in the same state", async () => {
    const { events, states } = await collectStates();
    expect(states.size).toBe(4);
    for (const [checkpoint, state] of states) {
      const gan = new FakeGan();
      gan.restore(state);
      const rest = await collect(gan);
      const at = events.indexOf(checkpoint);
      expect(rest.slice(1).map(compact)).toEqual(events.slice(at + 1).map(compact));
    }
  });

  it("would not, had the optimizers lost their moments", async () => {
    const states = [...(await collectStates()).states.values()];
    const state = states.find(({ phase }) => phase === "train")!;
    const none = { t: 0, slots: {} };
    const gan = new FakeGan();
    gan.restore({ ...state, optimizers: { dTrainerReal: none, dTrainerFake: none, dTrainer: none, gTrainer: none } });
    await collect(gan);
    expect(gan.state().variables).not.toEqual(states.at(-1)!.variables);
  });

  it("stops at the next step boundary when aborted, with a checkpoint of that very step", async () => {
    for (const stopAfter of ["step pretrain 0", "step train 0", "step train 3"]) {
      const abort = new AbortController();
      const events: TrainEvent[] = [];
      for await (const event of train(new FakeGan(), dataset, { ...options, signal: abort.signal })) {
        events.push(event);
        if (names([event])[0] === stopAfter) abort.abort();
      }
      const [, phase, step] = stopAfter.split(" ");
      const last = [`checkpoint ${phase} ${Number(step) + 1}`, `end ${phase} ${Number(step) + 1}`];
      expect(names(events).slice(-3)).toEqual([stopAfter, ...last]);
      expect(events.at(-1)).toMatchObject({ aborted: true });
    }
  });

  it("writes a checkpoint when aborted before the first step, but none of a restored, unchanged state", async () => {
    const signal = AbortSignal.abort();
    expect(names(await collect(new FakeGan(), { signal }))).toEqual([
      "start pretrain 0",
      "checkpoint pretrain 0",
      "end pretrain 0",
    ]);
    const done = new FakeGan();
    await collect(done);
    const again = new FakeGan();
    again.restore(done.state());
    expect(names(await collect(again))).toEqual(["start train 5", "end train 5"]);
  });

  it("goes straight to the iterations without pre-training, and does without iterations", async () => {
    const gan = new FakeGan({ recipe: { pretrain: 0 } });
    expect(names(await collect(gan, { steps: 1, sampleEvery: 0 }))).toEqual([
      "start train 0",
      "step train 0",
      "checkpoint train 1",
      "end train 1",
    ]);
    expect(names(await collect(new FakeGan(), { steps: 0, checkpointEvery: 0 })).at(-1)).toBe("end pretrain 3");
  });

  it("begins with iteration 0 where more pre-training was done by hand than the recipe has", async () => {
    const gan = new FakeGan({ recipe: { pretrain: 1 } });
    const z = gan.latent("pretrain", 0, FAKE_BATCH);
    for (let i = 0; i < 3; i++) gan.pretrainStep(new Float32Array(FAKE_BATCH * 784), z);
    const events = await collect(gan, { steps: 1, sampleEvery: 0 });
    expect(names(events)).toEqual(["start train 0", "step train 0", "checkpoint train 1", "end train 1"]);
  });

  it("lets the event loop run once a step, so that signals and timers are served", async () => {
    let rounds = 0;
    const tick = (): void => {
      rounds++;
      handle = setImmediate(tick);
    };
    let handle = setImmediate(tick);
    await collect(new FakeGan(), { steps: 200, sampleEvery: 0, checkpointEvery: 0 });
    clearImmediate(handle);
    expect(rounds).toBeGreaterThanOrEqual(200);
  });

  it("names step and tensor where a picture is not finite, though the loss still was", async () => {
    const gan = new FakeGan();
    gan.ink = Number.NaN;
    const events: TrainEvent[] = [];
    const run = async (): Promise<void> => {
      for await (const event of train(gan, dataset, options)) events.push(event);
    };
    await expect(run()).rejects.toThrow(new NonFiniteError(0, "image", Number.NaN));
    expect(names(events).at(-1)).toBe("step pretrain 2");
  });

  it("holds out of a small data set what batches does", async () => {
    const small = digits({ count: 60 });
    const gan = new FakeGan({ recipe: { pretrain: 0 } });
    const counts = { steps: 40, sampleEvery: 0, checkpointEvery: 0 };
    for await (const event of train(gan, small, counts)) expect(event.type).not.toBe("sample");
    const real = batches(small, { batchSize: FAKE_BATCH, seed: gan.seed, holdOut: 5 });
    const fed = gan.calls.filter((call) => call.startsWith("discriminatorStep ")).map((call) => call.split(" ")[1]);
    expect(fed).toEqual(Array.from({ length: 40 }, () => String(digest(real.next()))));
  });

  it("refuses counts that are none", async () => {
    for (const wrong of [
      { steps: -1 },
      { sampleEvery: 1.5 },
      { checkpointEvery: Number.NaN },
      { holdOut: "1" as never },
    ]) {
      await expect(collect(new FakeGan(), wrong)).rejects.toThrow(ArgumentError);
      await expect(collect(new FakeGan(), wrong)).rejects.toThrow(Object.keys(wrong)[0]!);
    }
  });
});
