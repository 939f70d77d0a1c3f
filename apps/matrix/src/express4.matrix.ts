// The suite on this host, with every guest.

import { express4Host } from "./express.ts";
import { registerHost } from "./register.ts";

registerHost(express4Host);
