// The suite on this host, with every guest.

import { honoHost } from "./hono.ts";
import { registerHost } from "./register.ts";

registerHost(honoHost);
