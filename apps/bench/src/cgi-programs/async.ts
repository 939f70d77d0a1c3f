// An async app as a CGI program.
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { UnsupportedScopeError } from "@tsgi/core";

serveCgi(async (scope, _receive, send) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  const headers = [["content-type", "text/plain; charset=utf-8"]] as const;
  await send({ type: "http.response.start", status: 200, headers });
  await send({ type: "http.response.body", body: "Hello, World!" });
});
