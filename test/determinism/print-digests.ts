// Run by digest.test.ts in a process of its own, under flags of V8: prints all digests as JSON.
import { allDigests } from "./digests.ts";

console.log(JSON.stringify(await allDigests()));
