// A sync app as a CGI program.
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { wsgi } from "@tsgi/core";

serveCgi(
  wsgi((_environ, startResponse) => {
    startResponse("200 OK", [["content-type", "text/plain; charset=utf-8"]]);
    return ["Hello, World!"];
  }),
);
