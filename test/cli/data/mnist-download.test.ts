import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadMnist, type MnistDownload } from "../../../src/cli/data/mnist-download.ts";
import { MNIST_FILES, type MnistFile, type MnistFiles, type MnistPart } from "../../../src/cli/data/mnist-files.ts";
import { digits } from "../../../src/data/index.ts";
import { DataError } from "../../../src/engine/errors.ts";
import { idxImages, idxLabels } from "../../data/idx-bytes.ts";
import { HAS_REAL_MNIST, realMnist } from "../../data/real-mnist.ts";

/** A small MNIST of the tests' own, so that they need neither the real one nor a network. */
const TRAIN = digits({ seed: 1, count: 40 });
const TEST = digits({ seed: 2, count: 10 });
const CONTENT = {
  train: { images: idxImages(TRAIN.images), labels: idxLabels(TRAIN.labels) },
  test: { images: idxImages(TEST.images), labels: idxLabels(TEST.labels) },
};
const fileOf = (part: MnistPart, kind: "images" | "labels"): MnistFile => ({
  name: MNIST_FILES[part][kind].name,
  bytes: CONTENT[part][kind].length,
  sha256: createHash("sha256").update(CONTENT[part][kind]).digest("hex"),
});
const FILES: MnistFiles = {
  train: { images: fileOf("train", "images"), labels: fileOf("train", "labels") },
  test: { images: fileOf("test", "images"), labels: fileOf("test", "labels") },
};
const PACKED = new Map(
  (["train", "test"] as const).flatMap((part) =>
    (["images", "labels"] as const).map((kind) => [`/${FILES[part][kind].name}.gz`, gzipSync(CONTENT[part][kind])]),
  ),
);

type Answer = (path: string, response: ServerResponse, request: IncomingMessage) => void;

const honest: Answer = (path, response) => {
  const body = PACKED.get(path);
  response.writeHead(body === undefined ? 404 : 200).end(body);
};

let folder: string;
let servers: Server[];
let requests: string[];
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-mnist-"));
  [servers, requests, log] = [[], [], []];
});

afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A mirror on the loopback; its name in `requests` is its number. */
async function mirror(answer: Answer): Promise<string> {
  const number = servers.length;
  const server = createServer((request, response) => {
    requests.push(`${number}${request.url ?? ""}`);
    answer(request.url ?? "", response, request);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const address = await mirror(honest);
  await new Promise((resolve) => servers.pop()!.close(resolve));
  return address;
}

/** Long enough for a machine that is busy with other tests, and for those that wait for an end of it. */
const TIMEOUTS = { answer: 10_000, stall: 10_000, total: 30_000 };
const SHORT_TIMEOUTS = { answer: 250, stall: 250, total: 10_000 };

/** 30 MB of zeros. Made beforehand: packing them takes longer than the short timeouts. */
const BOMB = gzipSync(new Uint8Array(30_000_000));

function options(mirrors: readonly string[], more: MnistDownload = {}): MnistDownload {
  return {
    folder: join(folder, "mnist"),
    mirrors,
    files: FILES,
    timeouts: TIMEOUTS,
    log: (line) => log.push(line),
    ...more,
  };
}

/** What loading fails with: always a DataError of one line that tells what to do. */
async function failure(mirrors: readonly string[], more: MnistDownload = {}): Promise<string> {
  const error: unknown = await loadMnist("train", options(mirrors, more)).then(
    () => "it did not fail",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  const { message } = error as DataError;
  expect(message).not.toContain("\n");
  expect(message).toContain("use --data DIR for files you have, or --data digits, which needs none");
  expect(readdirSync(folder)).toEqual([]);
  return message;
}

describe("loadMnist", () => {
  it("downloads the two files of the set once and keeps them unpacked; the other set is never asked for", async () => {
    const mirrors = [await mirror(honest)];
    expect(await loadMnist("train", options(mirrors))).toEqual(TRAIN);
    const { images, labels } = FILES.train;
    expect(requests).toEqual([`0/${images.name}.gz`, `0/${labels.name}.gz`]);
    expect(readdirSync(join(folder, "mnist")).sort()).toEqual([images.name, labels.name].sort());
    expect(new Uint8Array(readFileSync(join(folder, "mnist", labels.name)))).toEqual(CONTENT.train.labels);
    expect(log).toEqual([images, labels].map(({ name }) => `downloading ${name} from ${new URL(mirrors[0]!).host}`));
    expect(await loadMnist("train", options([]))).toEqual(TRAIN);
    expect(requests).toHaveLength(2);
  });

  it("downloads the test set where it is asked for", async () => {
    const mirrors = [await mirror(honest)];
    expect(await loadMnist("test", options(mirrors))).toEqual(TEST);
    expect(requests).toEqual([`0/${FILES.test.images.name}.gz`, `0/${FILES.test.labels.name}.gz`]);
    expect(new Uint8Array(readFileSync(join(folder, "mnist", FILES.test.labels.name)))).toEqual(CONTENT.test.labels);
    expect(await loadMnist("test", options([]))).toEqual(TEST);
    expect(requests).toHaveLength(2);
  });

  it("downloads a kept file again whose content is wrong, and only that", async () => {
    const mirrors = [await mirror(honest)];
    for (const [part, set] of [
      ["train", TRAIN],
      ["test", TEST],
    ] as const) {
      await loadMnist(part, options(mirrors));
      const { images, labels } = FILES[part];
      const path = join(folder, "mnist", images.name);
      const damaged = readFileSync(path);
      damaged[999]! ^= 1;
      writeFileSync(path, damaged);
      [requests, log] = [[], []];
      expect(await loadMnist(part, options(mirrors))).toEqual(set);
      expect(requests).toEqual([`0/${images.name}.gz`]);
      expect(log[0]).toBe(`${path} is not MNIST's: downloading it again`);
      expect(new Uint8Array(readFileSync(path))).toEqual(CONTENT[part].images);
      writeFileSync(join(folder, "mnist", labels.name), "cut");
      requests = [];
      expect(await loadMnist(part, options(mirrors))).toEqual(set);
      expect(requests).toEqual([`0/${labels.name}.gz`]);
    }
  });

  it("goes to the next mirror when one fails, and stays with the one that works", async () => {
    const broken = await mirror((_, response) => response.writeHead(503).end("busy"));
    const mirrors = [await nobody(), broken, await mirror(honest)];
    expect(await loadMnist("train", options(mirrors))).toEqual(TRAIN);
    expect(requests.map((request) => request[0]).join("")).toBe("011");
  });

  it("takes files that the server unpacked, and bodies without a length", async () => {
    const unpacked = await mirror((path, response) => {
      response.setHeader("Content-Encoding", "gzip").writeHead(200);
      response.write(PACKED.get(path)!.subarray(0, 50));
      response.end(PACKED.get(path)!.subarray(50));
    });
    expect(await loadMnist("train", options([unpacked]))).toEqual(TRAIN);
  });

  it("waits for a slow server as long as it sends something", async () => {
    const slow = await mirror((path, response, request) => {
      if (path !== `/${FILES.train.images.name}.gz`) {
        honest(path, response, request);
        return;
      }
      const body = PACKED.get(path)!;
      const piece = Math.ceil(body.length / 15);
      let sent = 0;
      const timer = setInterval(() => {
        response.write(body.subarray(sent, (sent += piece)));
        if (sent < body.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    });
    const timeouts = { answer: 1000, stall: 1000, total: 10_000 };
    expect(await loadMnist("train", options([slow], { timeouts }))).toEqual(TRAIN);
  });

  it.each<[string, Answer, string]>([
    ["answers with 404", (_, response) => response.writeHead(404).end(), "HTTP 404"],
    ["never answers", () => undefined, "no answer in 0.25 s"],
    [
      "stops in the middle",
      (path, response) => {
        response.writeHead(200, { "Content-Length": PACKED.get(path)!.length });
        response.write(PACKED.get(path)!.subarray(0, 100));
      },
      "the server sent nothing more in 0.25 s",
    ],
    [
      "breaks off",
      (path, response) => {
        response.writeHead(200, { "Content-Length": PACKED.get(path)!.length });
        response.write(PACKED.get(path)!.subarray(0, 100), () => response.destroy());
      },
      "the connection broke off",
    ],
    [
      "ends early without saying so",
      (path, response) => response.end(PACKED.get(path)!.subarray(0, 1000)),
      "wrong content (damaged gzip, or too large)",
    ],
    [
      "sends a page instead",
      (_, response) => response.end("<html>Log in</html>"),
      "wrong content (19 bytes, not 31376)",
    ],
    [
      "sends something else of the same size",
      (_, response) => response.end(gzipSync(new Uint8Array(31_376))),
      "wrong content (SHA-256 ",
    ],
    ["sends a gzip bomb", (_, response) => response.end(BOMB), "wrong content (damaged gzip, or too large)"],
    ["sends too much", (_, response) => response.end(new Uint8Array(33_000)), "more than 32400 bytes"],
    [
      "never stops sending",
      (_, response) => {
        const timer = setInterval(() => response.write(new Uint8Array(5000)), 1);
        response.on("close", () => clearInterval(timer));
      },
      "more than 32400 bytes",
    ],
  ])("fails where the only mirror %s", async (_, answer, problem) => {
    const mirrors = [await mirror(answer)];
    const message = await failure(mirrors, { timeouts: SHORT_TIMEOUTS });
    const host = new URL(mirrors[0]!).host;
    expect(message).toContain(`mnist: cannot download train-images-idx3-ubyte: `);
    expect(message).toContain(`(${host}: ${problem}`);
  });

  it("gives up a body that drips for ever", async () => {
    const dripping = await mirror((_, response) => {
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
    });
    const message = await failure([dripping], { timeouts: { ...TIMEOUTS, total: 600 } });
    expect(message).toContain("not finished in 0.6 s");
  });

  it("names every mirror and what failed there", async () => {
    const mirrors = [await nobody(), await mirror((_, response) => response.writeHead(403).end())];
    const [first, second] = mirrors.map((address) => new URL(address).host) as [string, string];
    expect(await failure(mirrors)).toContain(
      `no mirror gave it (${first}: connection refused; ${second}: HTTP 403); use`,
    );
  });

  it("says plainly when there is no network", async () => {
    expect(await failure([await nobody(), await nobody()])).toContain(
      "there is no network, or no mirror can be reached (127.0.0.1",
    );
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    expect(await failure(["https://a.example/", "https://b.example/"])).toContain(
      "there is no network, or no mirror can be reached (a.example: host not found; b.example: host not found)",
    );
  });

  it("goes on without a cache where it cannot write one", async () => {
    writeFileSync(join(folder, "mnist"), "a file in the folder's place");
    expect(await loadMnist("train", options([await mirror(honest)]))).toEqual(TRAIN);
    expect(log.some((line) => line.startsWith("MNIST cannot be kept for the next time: "))).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)(
    "goes on without a cache that it may not write (not tested as root)",
    async () => {
      chmodSync(folder, 0o500);
      expect(await loadMnist("train", options([await mirror(honest)]))).toEqual(TRAIN);
      chmodSync(folder, 0o700);
    },
  );
});

describe.skipIf(!HAS_REAL_MNIST)("pinned hashes (skipped where ../shared/data/mnist is not there)", () => {
  it("are those of MNIST", () => {
    for (const { name, bytes, sha256 } of Object.values(MNIST_FILES).flatMap((set) => Object.values(set))) {
      const content = gunzipSync(realMnist(name));
      expect(content).toHaveLength(bytes);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
  });
});
