// The portable app where servers speak fetch. Three of them run this very file (built: dist/portable/fetch.js):
//   bun fetch.ts        deno serve fetch.ts        a Cloudflare Worker, as its main module

import { toFetch, type FetchFunction } from "@tsgi/fetch";
import { app } from "./app.ts";

const server: { readonly fetch: FetchFunction } = { fetch: toFetch(app) };
export default server;
