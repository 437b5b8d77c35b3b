import { codeOf } from "../files/system-error.ts";

/** How long a download waits, in milliseconds. */
export interface Timeouts {
  /** For the server's answer. */
  readonly answer: number;
  /** For the next piece of the body. */
  readonly stall: number;
  /** For the whole. */
  readonly total: number;
}

const TIMEOUTS: Timeouts = { answer: 15_000, stall: 15_000, total: 900_000 };

/** Codes of errors for an unreachable server or a missing network. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  ECONNREFUSED: "connection refused",
  ENETUNREACH: "network unreachable",
  ENETDOWN: "network down",
  EHOSTUNREACH: "host unreachable",
  ETIMEDOUT: "no answer",
  UND_ERR_CONNECT_TIMEOUT: "no answer",
};

/** A download failed; the message says what happened, without the address. */
export class DownloadError extends Error {
  /** True if the server was not even reached. */
  readonly unreachable: boolean;

  constructor(message: string, unreachable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = "DownloadError";
    this.unreachable = unreachable;
  }
}

/**
 * The body at an address of http or https. The download stops at the first byte beyond `mostBytes`.
 * @throws DownloadError, also where the server answers late, stops in the middle of the body or takes too long in all
 */
export async function download(url: string, mostBytes: number, timeouts: Timeouts = TIMEOUTS): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUp = (after: number, problem: string, unreachable = false): NodeJS.Timeout =>
    setTimeout(() => {
      abort.abort(new DownloadError(`${problem} in ${after / 1000} s`, unreachable));
    }, after);
  const total = giveUp(timeouts.total, "not finished");
  let step = giveUp(timeouts.answer, "no answer", true);
  const nextStep = (): void => {
    clearTimeout(step);
    step = giveUp(timeouts.stall, "the server sent nothing more");
  };
  try {
    const response = await fetch(url, { signal: abort.signal });
    nextStep();
    if (!response.ok || response.body === null) throw new DownloadError(`HTTP ${response.status}`, false);
    return await readBody(response.body, mostBytes, nextStep);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : asDownloadError(error);
  } finally {
    clearTimeout(total);
    clearTimeout(step);
    abort.abort(); // closes a connection whose body was not read to its end
  }
}

async function readBody(body: ReadableStream<Uint8Array>, mostBytes: number, onPiece: () => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    onPiece();
    pieces.push(piece);
    length += piece.length;
    if (length > mostBytes) throw new DownloadError(`more than ${mostBytes} bytes`, false);
  }
  return Buffer.concat(pieces, length);
}

/** `fetch` throws a TypeError; its cause says what happened. */
function asDownloadError(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(cause);
  const unreachable = UNREACHABLE[code ?? ""];
  if (unreachable !== undefined) return new DownloadError(unreachable, true, { cause: error });
  return new DownloadError(`the connection broke off (${code ?? String(error)})`, false, { cause: error });
}
