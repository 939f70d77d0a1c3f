// The suite on this host, with every guest.

import { nodeHttp1 } from "./node.ts";
import { registerHost } from "./register.ts";

registerHost(nodeHttp1);
