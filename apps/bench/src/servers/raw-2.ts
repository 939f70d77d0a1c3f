// The same as raw, once more: how far two equal servers differ is the noise of the table.
export { serve } from "./raw.ts";
