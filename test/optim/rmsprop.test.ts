import { describe, expect, test } from "vitest";
import { optim } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";
import { UNIT } from "../support/reference/reference.ts";
import { ReferenceRmsprop } from "../support/reference/rmsprop.ts";
import "../support/to-be-close.ts";
import { bowl, descend } from "./bowl.ts";

describe("rmsprop", () => {
  test.each([
    { learningRate: 0.02 },
    { learningRate: 0.01, rho: 0.5, epsilon: 1e-3 },
    { learningRate: 0.01, momentum: 0.8 },
    { learningRate: 0.05, rho: 0, momentum: 0.3, epsilon: 1e-2 },
  ])("follows TensorFlow's formulas in float64: %j", async (options) => {
    const made = bowl();
    const rmsprop = optim.rmsprop(options);
    const reference = new ReferenceRmsprop(rmsprop, 11);
    const { session, found, exact } = await descend(made, rmsprop.minimize(made.loss, [made.w]), reference, 40);
    // |w| and |g| stay below 8, and s below 64. Each step rounds them a few times; the bowl does not amplify.
    expect(found).toBeClose("w", { values: exact, bound: exact.map(() => 40 * 8 * 4 * UNIT) });
    const { t, slots } = session.state().optimizers.rmsprop!;
    expect(t).toBe(40);
    expect(Object.keys(slots)).toEqual(rmsprop.momentum === 0 ? ["square"] : ["square", "velocity"]);
    const squares = { values: reference.square, bound: exact.map(() => 40 * 64 * 4 * UNIT) };
    expect(slots.square!.get("w")!).toBeClose("square", squares);
    if (rmsprop.momentum === 0) return;
    const velocities = { values: reference.velocity, bound: exact.map(() => 40 * 8 * 4 * UNIT) };
    expect(slots.velocity!.get("w")!).toBeClose("velocity", velocities);
  });

  test("has TensorFlow's defaults", () => {
    expect(optim.rmsprop({ learningRate: 0.1 })).toMatchObject({
      name: "rmsprop",
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
    });
  });

  const above0 = "it must be a finite number above 0";
  test.each([
    [{ learningRate: -1 }, `rmsprop: learningRate is -1; ${above0}`],
    [{ learningRate: 0.1, epsilon: 1e-46 }, `rmsprop: epsilon is 1e-46; ${above0}`],
    [{ learningRate: 0.1, rho: 1, name: "D" }, "D: rho is 1; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, momentum: -0.5 }, "rmsprop: momentum is -0.5; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, epsilon: 0 }, `rmsprop: epsilon is 0; ${above0}`],
    [{ learningRate: 0.1, name: 5 }, "optim: name 5 is not a text of one letter or more"],
    [
      { learningRate: 0.1, centered: true },
      `rmsprop: there is no option "centered"; there are learningRate, rho, momentum, epsilon, name`,
    ],
    [undefined, "rmsprop: the options are undefined, not an object"],
  ])("refuses %j", async (options, message) => {
    expect(await failureOf(() => optim.rmsprop(options as optim.RmspropOptions))).toEqual({
      code: "ARGUMENT",
      message,
    });
  });
});
