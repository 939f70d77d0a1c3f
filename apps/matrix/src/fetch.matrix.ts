// The suite on this host, with every guest.

import { fetchHost } from "./fetch.ts";
import { registerHost } from "./register.ts";

registerHost(fetchHost);
