import { GraphError } from "../../errors.ts";

/** The gradient rule of operations that are themselves part of a gradient: there is none, and asking is an error. */
export function onceOnly(name: string): () => never {
  return () => {
    throw new GraphError(`${name}: it is part of a gradient and cannot be differentiated again`);
  };
}
