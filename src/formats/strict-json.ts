import { FormatError } from "../engine/errors.ts";

/** A JSON value with objects as Maps: no key is special (`__proto__` is a name like any other). */
export type StrictJson = string | number | boolean | null | readonly StrictJson[] | ReadonlyMap<string, StrictJson>;

/** Nested deeper than this a text is refused, long before recursion could exhaust the stack. */
const MAX_DEPTH = 8;

/**
 * Parses JSON more strictly than JSON.parse, for headers that others wrote: a key that occurs twice, an unpaired
 * surrogate and deep nesting are errors, and no object with a prototype is made of foreign keys.
 * @throws FormatError naming `what` and the character at which the text breaks a rule.
 */
export function parseStrictJson(what: string, text: string): StrictJson {
  const tokens = new Tokens(what, text);
  const value = parseValue(tokens, tokens.next(), 0);
  tokens.end();
  return value;
}

function parseValue(tokens: Tokens, token: string, depth: number): StrictJson {
  if (depth > MAX_DEPTH) tokens.fail(`is nested deeper than ${MAX_DEPTH} levels`);
  if (token === "{") return parseObject(tokens, depth);
  if (token === "[") return parseArray(tokens, depth);
  return parseScalar(tokens, token);
}

function parseObject(tokens: Tokens, depth: number): ReadonlyMap<string, StrictJson> {
  const members = new Map<string, StrictJson>();
  let token = tokens.next();
  if (token === "}") return members;
  for (;;) {
    if (!token.startsWith('"')) tokens.fail("needs a key in quotes");
    const key = parseString(tokens, token);
    if (members.has(key)) tokens.fail(`has the key ${JSON.stringify(key.slice(0, 80))} twice`);
    if (tokens.next() !== ":") tokens.fail('needs ":" after a key');
    members.set(key, parseValue(tokens, tokens.next(), depth + 1));
    token = tokens.next();
    if (token === "}") return members;
    if (token !== ",") tokens.fail('needs "," or "}" after a value');
    token = tokens.next();
  }
}

function parseArray(tokens: Tokens, depth: number): readonly StrictJson[] {
  const items: StrictJson[] = [];
  let token = tokens.next();
  if (token === "]") return items;
  for (;;) {
    items.push(parseValue(tokens, token, depth + 1));
    token = tokens.next();
    if (token === "]") return items;
    if (token !== ",") tokens.fail('needs "," or "]" after an item');
    token = tokens.next();
  }
}

function parseScalar(tokens: Tokens, token: string): string | number | boolean | null {
  if (token.startsWith('"')) return parseString(tokens, token);
  if (token === "true") return true;
  if (token === "false") return false;
  if (token === "null") return null;
  const value = Number(token);
  return Number.isFinite(value) ? value : tokens.fail("has no value JSON knows");
}

function parseString(tokens: Tokens, token: string): string {
  let text = "";
  try {
    text = JSON.parse(token) as string;
  } catch {
    tokens.fail("has a string with an escape or control character JSON does not know");
  }
  // With the u flag a surrogate matches only where its partner is missing.
  if (/\p{Surrogate}/u.test(text)) tokens.fail("has a string with half a surrogate pair");
  return text;
}

/** The tokens of a text, one after the other. */
class Tokens {
  /** One token of RFC 8259 after optional white space: punctuation, a string, a number or a word. */
  readonly #token =
    /[ \t\n\r]*([{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[a-z]+)/y;
  readonly #what: string;
  readonly #text: string;
  #position = 0;

  constructor(what: string, text: string) {
    this.#what = what;
    this.#text = text;
  }

  next(): string {
    this.#token.lastIndex = this.#position;
    const match = this.#token.exec(this.#text);
    if (match === null) return this.fail("breaks off or has a character JSON does not know");
    this.#position += match[0].length;
    return match[1]!;
  }

  end(): void {
    if (this.#text.slice(this.#position).trim() !== "") this.fail("goes on after its value");
  }

  fail(rule: string): never {
    throw new FormatError(`${this.#what} ${rule}, before character ${this.#position}`);
  }
}
