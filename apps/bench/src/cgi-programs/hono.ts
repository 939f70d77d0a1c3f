// A Hono app as a CGI program.
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { fromHono } from "@tsgi/hono";
import { Hono } from "hono";

serveCgi(fromHono(new Hono().get("/", (context) => context.text("Hello, World!"))));
