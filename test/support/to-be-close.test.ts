import { expect, test } from "vitest";
import "./to-be-close.ts";

const close = (got: number[], values: number[], bound?: number[]): (() => void) => {
  return () => expect(Float32Array.from(got)).toBeClose("conv2d", { values, bound });
};

test("elements within their own bounds are close", () => {
  close([1, 2, 3], [1, 2.5, 3], [0, 0.5, 0])();
  close([1, -0], [1, 0])();
});

test("the message names what, which element, both numbers and the bound", () => {
  expect(close([1, 2, 3], [1, 2, 3.5], [0, 0, 0.25])).toThrow(
    "conv2d[2]: got 3, want 3.5, off by 0.5 with a bound of 0.25",
  );
  expect(close([1, 2], [1, 2.5], [9, 0.25])).toThrow("conv2d[1]");
});

test("NaN is close to nothing, not with an infinite bound either", () => {
  expect(close([NaN], [NaN], [1])).toThrow("conv2d[0]: got NaN");
  expect(close([1], [NaN], [1])).toThrow("want NaN");
  expect(close([NaN], [1], [Infinity])).toThrow("got NaN");
  expect(close([1], [2], [NaN])).toThrow("bound of NaN");
});

test("another number of elements is not close", () => {
  expect(close([1], [1, 2])).toThrow("got 1 elements, want 2");
});
