// Step 0: Express serves itself.

import type { AddressInfo } from "node:net";
import { host, port } from "../guestbook/settings.ts";
import { app } from "../guestbook/express-app.ts";

const server = app.listen(port, host, () => {
  const address = server.address() as AddressInfo;
  console.log(`The guestbook is at http://${host}:${address.port}`);
});
