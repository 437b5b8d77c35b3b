import { setTimeout } from "node:timers/promises";
import { instantiateKernels } from "../src/engine/runtime/kernels.ts";
import { Memory } from "../src/engine/runtime/memory.ts";
import { TileProbe, TILES_ARE_CHOSEN_AFTER } from "../src/engine/runtime/tile-probe.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";

/** A timer may ring a little early. */
const SLACK = 50;

/** The tiles that a session comes to here: wide ones where V8 joins registers. Takes a second, as it does there. */
export async function chosenTiles(): Promise<Tiles> {
  const { kernels, memory } = await instantiateKernels();
  const probe = new TileProbe(kernels, new Memory(memory));
  probe.warmUp();
  await setTimeout(TILES_ARE_CHOSEN_AFTER + SLACK);
  probe.choose();
  return probe.tiles;
}
