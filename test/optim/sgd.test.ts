import { describe, expect, test } from "vitest";
import { optim } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";
import { UNIT } from "../support/reference/reference.ts";
import { ReferenceSgd } from "../support/reference/sgd.ts";
import "../support/to-be-close.ts";
import { bowl, descend } from "./bowl.ts";

describe("sgd", () => {
  test.each([
    { learningRate: 0.1 },
    { learningRate: 0.05, momentum: 0.9 },
    { learningRate: 0.05, momentum: 0.9, nesterov: true },
    { learningRate: 0.3, momentum: 0.25, nesterov: true },
  ])("follows PyTorch's formulas in float64: %j", async (options) => {
    const made = bowl();
    const sgd = optim.sgd(options);
    const reference = new ReferenceSgd(sgd, 11);
    const { session, found, exact } = await descend(made, sgd.minimize(made.loss, [made.w]), reference, 40);
    // |w|, |g| and the velocity stay below 16. Each step rounds them a few times; the bowl does not amplify.
    const bound = exact.map(() => 40 * 16 * 4 * UNIT);
    expect(found).toBeClose("w", { values: exact, bound });
    const { t, slots } = session.state().optimizers.sgd!;
    expect(t).toBe(40);
    expect(Object.keys(slots)).toEqual(sgd.momentum === 0 ? [] : ["velocity"]);
    if (sgd.momentum > 0) {
      expect(slots.velocity!.get("w")!).toBeClose("velocity", { values: reference.velocity, bound });
    }
  });

  test("has PyTorch's defaults, and no state without a momentum", () => {
    expect(optim.sgd({ learningRate: 0.1 })).toMatchObject({ name: "sgd", momentum: 0, nesterov: false, slots: [] });
  });

  const above0 = "it must be a finite number above 0";
  test.each([
    [{ learningRate: 0 }, `sgd: learningRate is 0; ${above0}`],
    [{}, `sgd: learningRate is undefined; ${above0}`],
    [{ learningRate: 1e-60 }, `sgd: learningRate is 1e-60; ${above0}`],
    [{ learningRate: 0.1, momentum: 1, name: "D" }, "D: momentum is 1; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, momentum: NaN }, "sgd: momentum is NaN; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, momentum: 0.5, nesterov: 1 }, "sgd: nesterov is 1; it must be true or false"],
    [{ learningRate: 0.1, nesterov: true }, "sgd: nesterov needs a momentum above 0"],
    [{ learningRate: 0.1, name: "" }, `optim: name "" is not a text of one letter or more`],
    [
      { learningRate: 0.1, dampening: 0 },
      `sgd: there is no option "dampening"; there are learningRate, momentum, nesterov, name`,
    ],
    [null, "sgd: the options are null, not an object"],
  ])("refuses %j", async (options, message) => {
    expect(await failureOf(() => optim.sgd(options as optim.SgdOptions))).toEqual({ code: "ARGUMENT", message });
  });
});
