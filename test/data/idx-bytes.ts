/** IDX files of the tests' own, as bytes. */

/** An IDX file of images of 28×28. */
export function idxImages(
  images: Uint8Array,
  header: Partial<Record<"magic" | "count" | "height" | "width", number>> = {},
): Uint8Array {
  const { magic = 2051, count = images.length / 784, height = 28, width = 28 } = header;
  return withIntegers([magic, count, height, width], images);
}

/** An IDX file of labels. */
export function idxLabels(labels: Uint8Array, header: { magic?: number; count?: number } = {}): Uint8Array {
  const { magic = 2049, count = labels.length } = header;
  return withIntegers([magic, count], labels);
}

function withIntegers(integers: readonly number[], rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 * integers.length + rest.length);
  const view = new DataView(bytes.buffer);
  integers.forEach((integer, i) => {
    view.setUint32(4 * i, integer);
  });
  bytes.set(rest, 4 * integers.length);
  return bytes;
}
