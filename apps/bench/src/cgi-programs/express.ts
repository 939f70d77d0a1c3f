// An Express app as a CGI program.
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { fromExpress } from "@tsgi/express";
import express from "express";

const app = express();
app.get("/", (_request, response) => void response.type("text").send("Hello, World!"));
serveCgi(fromExpress(app));
