// Every example in a README or a page of docs/ compiles, and does what the page says it does.

import { once } from "node:events";
import { Server } from "node:net";
import { STATUS_CODES } from "node:http";
import { format } from "node:util";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { examplesFolder, pages, typeCheck } from "./examples-folder.js";
import { provesSomething, readCurl } from "./page-examples.js";

const { folder, examples, remove } = examplesFolder(pages());
afterAll(remove);

test("every example compiles with the settings of the workspace", () => {
  expect(typeCheck(folder)).toBe("");
});

test("every example that is run shows something", () => {
  const idle = examples.filter((example) => {
    const page = examples.filter((other) => other.page === example.page);
    return example.run && !provesSomething(example, page);
  });
  expect(idle.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

describe("an example does what the page says", () => {
  for (const { page, line, file, prints, commands } of examples.filter(({ run }) => run)) {
    test(`${page}:${line}`, async () => {
      const printed = watchConsole();
      const ports = watchListen();
      await import(/* @vite-ignore */ file);
      for (const { command, output } of commands) expect(await answerTo(command, ports)).toBe(output);
      expect(printed).toEqual(prints);
    });
  }
});

/** The lines an example prints with `console.log`. */
function watchConsole(): string[] {
  const { log } = console;
  const lines: string[] = [];
  console.log = (...values: unknown[]) => void lines.push(...format(...values).split("\n"));
  onTestFinished(() => void (console.log = log));
  return lines;
}

/** Gives every server a free port on the loopback interface, and remembers it by the port the example asks for. */
function watchListen(): Map<string, Promise<number>> {
  const ports = new Map<string, Promise<number>>();
  const servers: Server[] = [];
  const { listen } = Server.prototype;
  Server.prototype.listen = function listenElsewhere(this: Server, ...args: unknown[]): Server {
    const [first, ...rest] = args;
    const asked = typeof first === "object" ? (first as { port?: number }).port : first;
    if (typeof asked !== "number" || asked === 0) return Reflect.apply(listen, this, args);
    servers.push(this);
    const listening = once(this, "listening").then(() => (this.address() as { port: number }).port);
    ports.set(String(asked), listening);
    const ready = rest.find((value) => typeof value === "function");
    return Reflect.apply(listen, this, [{ port: 0, host: "127.0.0.1" }, ready]);
  } as Server["listen"];
  onTestFinished(async () => {
    Server.prototype.listen = listen;
    for (const server of servers) {
      (server as { closeAllConnections?: () => void }).closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  return ports;
}

/** What `curl` would show. */
async function answerTo(command: string, ports: Map<string, Promise<number>>): Promise<string> {
  const { url, method, headers, body, head } = readCurl(command);
  const target = new URL(url);
  const port = ports.get(target.port);
  if (port === undefined) throw new Error(`The example does not listen on port ${target.port}`);
  target.port = String(await port);
  const response = await fetch(target, { method, headers, body });
  const text = (await response.text()).trimEnd();
  return head ? `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\n${text}` : text;
}
