// No cycle of imports in src, by value or by type. ESLint holds the direction between layers; this holds it within one.
export default {
  forbidden: [
    {
      name: "no-cycle",
      comment:
        "Files import each other. One exception: the graph, whose graphs, tensors, operations and variables " +
        "are one idea.",
      severity: "error",
      from: { pathNot: "^src/engine/graph/" },
      to: { circular: true },
    },
    {
      name: "no-folder-cycle",
      comment: "Folders import each other.",
      severity: "error",
      scope: "folder",
      from: {},
      to: { circular: true },
    },
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: "tsconfig.json" } },
};
