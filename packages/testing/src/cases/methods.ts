// The request method, in both interfaces.
// Sources: ASGI HTTP 2.5 "method"; PEP 3333 REQUEST_METHOD; RFC 9110 §9.

import { reply } from "../suite/app.ts";
import { inBoth, type Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { syncText } from "./answers.ts";

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "M-SEARCH",
  "UNHEARD-OF",
];

/** The cases about the method. */
export const methodCases: readonly Case[] = [
  ...METHODS.flatMap((method) =>
    inBoth({
      name: `methods: ${method} reaches the app in upper case`,
      proves: ["A16", "X1"],
      app: (scope, _receive, send) => reply(send, 200, scope.method),
      syncApp: (environ, startResponse) => syncText(startResponse, environ.REQUEST_METHOD),
      async client(client) {
        equal((await client.request({ method })).text, method);
      },
    }),
  ),
  ...inBoth({
    name: "methods: HEAD reaches the app as HEAD",
    proves: ["A16", "X1", "W48"],
    app: (scope, _receive, send) => reply(send, 200, "", [["x-method", scope.method]]),
    syncApp(environ, startResponse) {
      startResponse("200 OK", [["X-Method", environ.REQUEST_METHOD]]);
      return [];
    },
    async client(client) {
      equal((await client.request({ method: "HEAD" })).all("x-method"), ["HEAD"]);
    },
  }),
];
