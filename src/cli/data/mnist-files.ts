/** A file of MNIST, unpacked. */
export interface MnistFile {
  /** Its usual name; mirrors add `.gz`. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the unpacked content, which is the same at every mirror, as gzip files need not be. */
  readonly sha256: string;
}

/** One of MNIST's two sets: 60,000 images for training, or 10,000 for tests. */
export type MnistPart = "train" | "test";

/** The two files of each set. */
export type MnistFiles = Readonly<Record<MnistPart, { readonly images: MnistFile; readonly labels: MnistFile }>>;

/** MNIST's four files. */
export const MNIST_FILES: MnistFiles = {
  train: {
    images: {
      name: "train-images-idx3-ubyte",
      bytes: 47_040_016,
      sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    labels: {
      name: "train-labels-idx1-ubyte",
      bytes: 60_008,
      sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte",
      bytes: 7_840_016,
      sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    labels: {
      name: "t10k-labels-idx1-ubyte",
      bytes: 10_008,
      sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
  },
};
