/** The code of a system's error: ENOENT, EEXIST, …; undefined where an error has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Tells whether an error is the system's and of this kind. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}
