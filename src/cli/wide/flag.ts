import { Option } from "commander";

/** The flag that leaves wide registers out. */
export interface WideFlag {
  /** False after --no-wide. */
  readonly wide: boolean;
}

/** --no-wide, of the commands that compute for long. */
export function wideOption(): Option {
  return new Option("--no-wide", "do not use V8's wide registers; results do not depend on them");
}
