import { afterEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { batches, dataSetDigest, digits, type DataSet } from "../../src/data/index.ts";
import { dataSetIdentity } from "../../src/data/data-set-digest.ts";
import { DigitRenderer } from "../../src/data/digits/digit-renderer.ts";
import { DEFAULT_DIGITS_SHA256 } from "../../src/data/digits/identity.ts";

afterEach(() => vi.restoreAllMocks());

/** Sees every image that is drawn: the number of each is the first argument of a call. */
function watchDrawing(): MockInstance<DigitRenderer["render"]> {
  return vi.spyOn(DigitRenderer.prototype, "render");
}

/** The same data set as plain arrays. */
function plain({ images, labels, count }: DataSet): DataSet {
  return { images, labels, count };
}

const SMALL = { batchSize: 20, seed: 3, holdOut: 10 };

describe("drawn digits", () => {
  it("are not drawn until a batch takes them, and then those of the batch alone", () => {
    const render = watchDrawing();
    const series = batches(digits());
    expect(render).not.toHaveBeenCalled();
    series.next();
    expect(render).toHaveBeenCalledTimes(50);
    series.next();
    expect(render).toHaveBeenCalledTimes(100);
  });

  it("are drawn once each, however often they are taken; those held out are never drawn", () => {
    const render = watchDrawing();
    const set = digits({ count: 110 });
    const series = batches(set, SMALL);
    for (let step = 0; step < 20; step++) series.next();
    const drawn = render.mock.calls.map(([index]) => index).sort((a, b) => a - b);
    expect(drawn).toEqual(Array.from({ length: 100 }, (_, i) => 10 + i));
    expect(set.images).toHaveLength(110 * 784);
    expect(render).toHaveBeenCalledTimes(110);
    expect(set.images).toBe(set.images);
    expect(render).toHaveBeenCalledTimes(110);
  });

  it("are the same bytes one by one, in any order, and all at once", () => {
    const whole = plain(digits({ count: 110 }));
    const set = digits({ count: 110 });
    const [drawn, read] = [batches(set, SMALL), batches(whole, SMALL)];
    for (const step of [7, 0, 3, 12, 1]) expect(drawn.at(step)).toEqual(read.at(step));
    expect(set.images).toEqual(whole.images);
    expect(drawn.at(2)).toEqual(read.at(2));
  });

  it("have labels that are known without drawing", () => {
    const render = watchDrawing();
    const { labels, count } = digits({ count: 1000, first: 25 });
    expect(labels).toHaveLength(count);
    expect(labels).toEqual(digits({ count: 1025 }).labels.subarray(25));
    expect(render).not.toHaveBeenCalled();
  });

  it("are a data set like any other to who copies it", async () => {
    const set = digits({ count: 12 });
    expect(Object.keys(set).sort()).toEqual(["count", "images", "labels"]);
    expect({ ...set }).toEqual(plain(set));
    expect(structuredClone(set)).toEqual(plain(set));
    const white = { ...set, images: new Uint8Array(12 * 784) };
    expect(
      batches(white, { batchSize: 12, holdOut: 0 })
        .next()
        .some((pixel) => pixel !== 0),
    ).toBe(false);
    expect(await dataSetDigest(set)).toBe(await dataSetDigest(plain(set)));
  });
});

describe("the identity of a data set", () => {
  it("is the SHA-256 of its content where that lies in memory", async () => {
    const set = plain(digits({ count: 20 }));
    expect(await dataSetIdentity(set)).toBe(await dataSetDigest(set));
  });

  it("is a number that is written down for the default digits, their SHA-256 (digits.test.ts)", async () => {
    for (const set of [digits(), digits({ seed: 7, count: 60_000, first: 0 })]) {
      expect(await dataSetIdentity(set)).toBe(DEFAULT_DIGITS_SHA256);
    }
  });

  it("differs by seed, count and first, and draws nothing", async () => {
    const render = watchDrawing();
    const selections = [{}, { seed: 8 }, { seed: 7 + 2 ** 32 }, { count: 59_999 }, { first: 1 }, { seed: 1, first: 1 }];
    const identities = await Promise.all(selections.map((selection) => dataSetIdentity(digits(selection))));
    expect(new Set(identities).size).toBe(selections.length);
    for (const identity of identities) expect(identity).toMatch(/^[0-9a-f]{64}$/);
    const again = digits({ count: 60_000, seed: 8 });
    batches(again).next();
    expect(await dataSetIdentity(again)).toBe(identities[1]);
    expect(render).toHaveBeenCalledTimes(50);
  });

  it("is pinned for another seed, because checkpoints hold it", async () => {
    expect(await dataSetIdentity(digits({ seed: 1 }))).toMatchInlineSnapshot(
      `"9b34c874cbf4f630a5611d6cc3d990a85476fc9d947843f082b835f2d3edaf68"`,
    );
  });
});
