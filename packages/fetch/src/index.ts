// The public names of this package.

export type { AsgiApp } from "@tsgi/core";
