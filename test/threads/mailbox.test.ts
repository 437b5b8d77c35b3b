import { expect, test } from "vitest";
import type { ThreadSteps } from "../../src/engine/runtime/kernel-calls.ts";
import { decodePart, encodeParts } from "../../src/engine/runtime/threads/mailbox.ts";

const NAMES = ["gemm", "fill", "copy"] as const;

test("a program comes out of the mailbox as it went in", () => {
  const parts: ThreadSteps[] = [
    [[{ kernel: "copy", args: [4294967232, 0.1, -0] }], [], [{ kernel: "fill", args: [] }]],
    [
      [],
      [
        { kernel: "gemm", args: [1e-300] },
        { kernel: "copy", args: [7] },
      ],
      [],
    ],
    [],
  ];
  const numbers = Float64Array.from(encodeParts(parts, NAMES));
  expect(parts.map((_, thread) => decodePart(numbers, thread, NAMES))).toEqual(parts);
});
