// How a test starts the bench's processes without a build: Node's options that make it run TypeScript sources.

/** Options for the node binary; see source-loader.mjs. */
export const FROM_SOURCE: readonly string[] = [
  `--import=${new URL("../source-loader.mjs", import.meta.url).href}`,
  "--conditions=@tsgi/source",
];
