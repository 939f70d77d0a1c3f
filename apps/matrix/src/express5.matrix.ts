// The suite on this host, with every guest.

import { express5Host } from "./express.ts";
import { registerHost } from "./register.ts";

registerHost(express5Host);
