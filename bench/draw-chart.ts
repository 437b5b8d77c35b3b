import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** A chart as the text of an SVG file. */
export async function drawChart(specification: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(specification).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
