// The properties of each operation that rewrites read: the epilogues that join it, the inputs that may be added to,
// those that lie in panels. A property that is forgotten costs speed in silence, so this test states all of them again.
import { describe, expect, test } from "vitest";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";
import { allOps } from "../support/all-ops.ts";
import { operationText } from "../support/operation-text.ts";

/** The properties that each operation's definition states, for those that state any. */
function said<T>(of: (definition: OpDefinition) => T | undefined): Record<string, T> {
  return Object.fromEntries(
    allOps.flatMap((definition) => {
      const value = of(definition);
      return value === undefined ? [] : [[definition.name, value] as const];
    }),
  );
}

/** The cases for which `holds` is true, of all operations, by what has joined them. */
function casesOf(
  holds: (definition: OpDefinition, opCase: ReturnType<OpDefinition["cases"]>[number]) => boolean,
): string[] {
  const texts = allOps.flatMap((operation) =>
    operation
      .cases()
      .filter((opCase) => holds(operation, opCase))
      .map(({ attributes }) => operationText({ operation, attributes })),
  );
  return [...new Set(texts)].sort();
}

const EPILOGUES = {
  batchNorm: ["relu"],
  conv2d: ["bias", "relu", "pool"],
  conv2dTranspose: ["bias", "relu"],
  matMul: ["bias", "relu"],
};

test("what may follow an operation and join it", () => {
  expect(said(({ epilogues }) => epilogues)).toEqual(EPILOGUES);
});

test("every number of epilogues has a case", () => {
  for (const [name, epilogues] of Object.entries(EPILOGUES)) {
    const { cases } = allOps.find((op) => op.name === name)!;
    for (let joined = 0; joined <= epilogues.length; joined++) {
      const has = cases().some(({ attributes }) => epilogues.filter((one) => one in attributes).length === joined);
      expect(has, `${name} with ${joined} epilogues`).toBe(true);
    }
  }
});

test("relu makes zeros, whatever it has joined; a pool of them has few", () => {
  for (const { name, cases, zeros } of allOps.filter(({ name }) => name in EPILOGUES)) {
    for (const { attributes } of cases()) {
      const wanted = "relu" in attributes && !("pool" in attributes) ? "many" : "few";
      expect(typeof zeros === "function" ? zeros(attributes) : zeros, name).toBe(wanted);
    }
  }
});

test("products of rows with weights, and how many inputs give their rows alone", () => {
  expect(said(({ weights }) => weights)).toEqual({ conv2d: 1, conv2dTranspose: 1, matMul: 1 });
  const ofRows = casesOf(({ rows, weights, shape }, { inputs, attributes }) => {
    const y = shape(inputs, attributes) as readonly number[];
    return weights !== undefined && (typeof rows === "number" ? rows : rows(inputs, attributes, y)) === 1;
  });
  expect(ofRows).toEqual([
    "conv2d",
    "conv2d, bias",
    "conv2d, bias, relu",
    "conv2d, bias, relu, pool",
    "conv2dTranspose",
    "conv2dTranspose, bias",
    "conv2dTranspose, bias, relu",
    "matMul",
    "matMul, bias",
    "matMul, bias, relu",
    "matMul, zeros of a",
  ]);
});

test("what may be added where an addend lies", () => {
  const added = casesOf(({ accumulates }, { inputs, attributes }) => accumulates?.(inputs, attributes) === true);
  expect(added).toEqual(["conv2dFilterGrad", "matMul", "matMul, zeros of a", "matMul, zeros of b"]);
  expect(casesOf((_, { attributes }) => "accumulate" in attributes)).toEqual([
    "conv2dFilterGrad, accumulate",
    "matMul, accumulate",
  ]);
});

describe("panels", () => {
  test("products read their weights from them, and write the gradients of weights into them", () => {
    const reads = casesOf(({ readsPanels }, { attributes }) => readsPanels?.(attributes) === true);
    expect(reads).toEqual(["matMul", "matMul, accumulate", "matMul, bias", "matMul, zeros of a"]);
    const writes = casesOf(({ writesPanels }, { attributes }) => writesPanels?.(attributes) === true);
    expect(writes).toEqual(["matMul", "matMul, zeros of a", "matMul, zeros of b"]);
  });

  test("the input that lies in them is the weights, wherever an addend comes first", () => {
    for (const { cases, panelInput } of allOps) {
      for (const { attributes } of panelInput ? cases() : []) {
        expect(panelInput!(attributes)).toBe("accumulate" in attributes ? 2 : 1);
      }
    }
    expect(Object.keys(said(({ panelInput }) => panelInput))).toEqual(["matMul"]);
  });
});

describe("convolutions by transforms", () => {
  const IMAGE = [1, 8, 8, 16];
  const WINDOWS = { patches: [3, 3, 16, 8], winograd: [2, 2, 16, 16], fft: [5, 5, 16, 16] } as const;
  const SAME = { strides: [1, 1], padding: "same" };

  test.each(["conv2d", "conv2dTranspose"])("%s rounds another way with a bias, by patches it does not", (name) => {
    const { roundsWithBias } = allOps.find((op) => op.name === name)!;
    const rounds = Object.entries(WINDOWS).map(([algorithm, filter]) => {
      const sizes = name === "conv2d" ? filter : [filter[0], filter[1], filter[3], filter[2]];
      return [algorithm, roundsWithBias!([IMAGE, sizes], SAME)] as const;
    });
    expect(Object.fromEntries(rounds)).toEqual({ patches: false, winograd: true, fft: true });
  });

  test("conv2d takes a pool whose windows cover every pixel once, of several channels", () => {
    const conv2d = allOps.find(({ name }) => name === "conv2d")!;
    const pool = (window: number, stride: number): never =>
      ({ window: [window, window], strides: [stride, stride], padding: "same" }) as never;
    const takes = (channels: number, window: number, stride: number): boolean =>
      conv2d.takesPool!(pool(window, stride), [[1, 8, 8, 2], [3, 3, 2, channels]], SAME); // prettier-ignore
    expect([takes(2, 2, 2), takes(1, 2, 2), takes(2, 3, 2), takes(2, 2, 3)]).toEqual([true, false, false, false]);
  });
});
