import { checkNumbers } from "../arguments.ts";
import { ArgumentError, GraphError, ShapeError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Placeholder } from "../graph/tensor.ts";
import { formatShape, sizeOf, type Shape } from "../shape.ts";

/** The fed values by placeholder name, row-major. The size of one unknown axis follows from their number. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/** Shapes by placeholder name. @throws GraphError for an unknown name, ShapeError for a length that does not fit. */
export function feedShapesOf(graph: Graph, feeds: Feeds): Map<string, Shape> {
  if (typeof feeds !== "object" || feeds === null) throw new ArgumentError(`run: the feeds are ${String(feeds)}`);
  const shapes = new Map<string, Shape>();
  for (const [name, values] of Object.entries(feeds)) {
    const placeholder = graph.placeholders.get(name);
    if (placeholder === undefined) {
      const known = [...graph.placeholders.keys()].join(", ");
      throw new GraphError(`run: there is no placeholder "${name}"; the graph has ${known || "none"}`);
    }
    shapes.set(name, fedShape(placeholder, values));
  }
  return shapes;
}

function fedShape({ name, shape }: Placeholder, values: ArrayLike<number>): Shape {
  checkNumbers(`run: the feed of "${name}"`, values);
  const { length } = values;
  const known = sizeOf(shape.map((dim) => dim ?? 1));
  const rest = length / known;
  const open = shape.includes(null);
  if (open ? !(Number.isInteger(rest) && rest >= 1) : rest !== 1) {
    const rule = open ? `a multiple of ${known}` : String(known);
    throw new ShapeError(`run: the feed of "${name}" ${formatShape(shape)} has ${length} values, not ${rule}`);
  }
  return shape.map((dim) => dim ?? rest);
}
