// The suite on this host, with every guest.

import { memoryHost } from "./memory.ts";
import { registerHost } from "./register.ts";

registerHost(memoryHost);
