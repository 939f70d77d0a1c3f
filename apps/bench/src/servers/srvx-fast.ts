// srvx with its own FastResponse, which its guide advises for Node: https://srvx.h3.dev/guide/node
import { FastResponse } from "srvx/node";
import { fetchEndpoints } from "../fetch-endpoints.ts";
import type { Serve } from "../column.ts";
import { serveBySrvx } from "./srvx.ts";

export const serve: Serve = (endpoint) => serveBySrvx(fetchEndpoints(FastResponse)[endpoint]);
