// The documents' charts as Vega-Lite specifications: the data, and which field each axis shows. Vega draws them.
import type { TopLevelSpec } from "vega-lite";
import type { PeerFigures } from "./peers.ts";
import type { Report } from "./report.ts";

const WIDTH = 480;

/**
 * The background is white, so that a chart can be read on a dark page too. Titles are short: Vega cannot measure text
 * here, assumes wide letters, and makes room for them.
 */
const LOOK = {
  background: "white",
  padding: 12,
  config: {
    font: "sans-serif",
    view: { stroke: "transparent" },
    axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 0, titlePadding: 10 },
    legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
    title: { fontSize: 14, anchor: "start", frame: "group", offset: 12 },
    range: { category: ["#4c78a8", "#f58518", "#54a24b", "#b279a2"] },
  },
} as const satisfies Partial<TopLevelSpec>;

/** Products and convolutions below this much work say more about JavaScript than about kernels. */
const LEAST_GIGAFLOPS = 0.02;

/** Bars: seconds of one iteration by program and number of threads. */
export function peersChart(peers: readonly PeerFigures[]): TopLevelSpec {
  const bars = {
    y: { field: "peer", type: "nominal", title: null, sort: { field: "seconds", op: "min", order: "ascending" } },
    yOffset: { field: "threads", type: "nominal", sort: "ascending" },
    x: { field: "seconds", type: "quantitative", title: "seconds, shorter is better" },
  } as const;
  return {
    ...LOOK,
    title: "One training iteration, batch 50",
    data: { values: [...peers] },
    width: WIDTH,
    height: { step: 18 },
    encoding: bars,
    layer: [
      { mark: "bar", encoding: { color: { field: "threads", type: "nominal", title: "threads" } } },
      {
        mark: { type: "text", align: "left", dx: 4, fontSize: 11 },
        encoding: { text: { field: "seconds", type: "quantitative", format: ".3f" } },
      },
    ],
  };
}

/** Bars: what the GAN's products and convolutions reach of the machine's limit, one thread. */
export function limitChart({ workloads }: Report): TopLevelSpec {
  const values = Object.entries(workloads).flatMap(([name, { ms, gflops, limitGflops }]) => {
    if (gflops === undefined || limitGflops === undefined || name.includes("/")) return [];
    return gflops * ms < LEAST_GIGAFLOPS * 1000 ? [] : [{ name, share: gflops / limitGflops }];
  });
  return {
    ...LOOK,
    title: "Speed against the machine's limit",
    width: WIDTH,
    height: { step: 18 },
    layer: [
      {
        data: { values },
        mark: "bar",
        encoding: {
          y: { field: "name", type: "nominal", title: null, sort: "-x" },
          x: {
            field: "share",
            type: "quantitative",
            axis: { format: "%" },
            title: "textbook multiplications and additions, of what one thread's registers can do",
          },
        },
      },
      {
        data: { values: [{ limit: 1 }] },
        mark: { type: "rule", strokeDash: [4, 4] },
        encoding: { x: { field: "limit", type: "quantitative" } },
      },
    ],
  };
}

/** A line: milliseconds of one iteration by the size of the batch. */
export function batchChart({ batchSizes = {} }: Report): TopLevelSpec {
  const values = Object.entries(batchSizes).map(([size, { ms }]) => ({ size: Number(size), ms }));
  const logarithmic = { type: "log", nice: false } as const;
  return {
    ...LOOK,
    title: "One training iteration by batch size",
    data: { values },
    width: WIDTH,
    height: 260,
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: logarithmic,
        axis: { values: values.map(({ size }) => size), format: "d" },
        title: "images in a batch, one thread",
      },
      y: { field: "ms", type: "quantitative", scale: { type: "log" }, axis: { format: "," }, title: "milliseconds" },
    },
  };
}
