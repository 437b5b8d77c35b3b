/** Whether an error is the system's, of this kind (ENOENT, EEXIST, …). */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
