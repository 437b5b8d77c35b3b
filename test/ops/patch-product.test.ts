// The pieces of a long sum. Products over the pieces, added one after another, split k into exactly the blocks of one
// product over the whole sum.
import { expect, test } from "vitest";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import { summandsOf } from "../../src/engine/lowering/convolution/patch-product.ts";

test.each([1, 48, 300, 512, 1024, 4096])("pieces of %i steps keep the blocks of a sum", (steps) => {
  for (let k = 1; k < 2500; k++) {
    let reached = 0;
    for (const { first, count } of summandsOf(k, steps)) {
      expect(first).toBe(reached);
      expect(first % blockSteps(k)).toBe(0);
      expect(blockSteps(count)).toBe(blockSteps(k));
      reached += count;
    }
    expect(reached).toBe(k);
  }
});

test("a piece is about as long as asked, not below seven blocks", () => {
  const lengths = (k: number, steps: number): number[] => summandsOf(k, steps).map(({ count }) => count);
  expect(lengths(1500, 512)).toEqual([480, 528, 492]);
  expect(lengths(1000, 1)).toEqual([336, 336, 328]);
  expect(lengths(256, 64)).toEqual([256]);
});
