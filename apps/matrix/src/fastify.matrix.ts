// The suite on this host, with every guest.

import { fastifyHost } from "./fastify.ts";
import { registerHost } from "./register.ts";

registerHost(fastifyHost);
