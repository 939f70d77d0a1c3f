import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Child } from "./child.ts";
import { columnNames, isBehindNginx, isInFrontOfPhp } from "./column.ts";
import { openConnection, type Connection } from "./connection.ts";
import type { ServerQuestion, ServerReady } from "./messages.ts";
import { HAS_NGINX } from "./nginx.ts";
import { FROM_SOURCE } from "./run-from-source.ts";
import { loadScenarios, type Scenario } from "./scenario.ts";

const scenarios = (await loadScenarios()).filter((scenario) => scenario.measures === "cpu");

/** Whose requests are answered by a program that says hello and nothing else. */
const HELLO_ONLY = ["nginx-go", "nginx-php-fpm", "php-nginx", "php-tsgi"];
/** The large answer takes memory to compare: these three have it from the apps that the others share. */
const COMPARED_WHOLE = ["raw", "tsgi-async", "nginx-tsgi-async"];

function asked(column: string): Scenario[] {
  if (HELLO_ONLY.includes(column)) return scenarios.filter(({ name }) => name === "hello");
  if (column === "nginx-node-fastcgi")
    return scenarios.filter(({ name }) => name === "hello" || name === "stream");
  return scenarios.filter(({ name }) => name !== "download" || COMPARED_WHOLE.includes(column));
}

/** Whether this machine lacks a column's program; one that promises all servers may not. */
function missing(column: string): boolean {
  if (process.env["TSGI_REQUIRE_SERVERS"] !== undefined || !(isBehindNginx(column) || isInFrontOfPhp(column)))
    return false;
  const own = column === "nginx-go" ? "go" : column.includes("php") ? "php-fpm8.2" : undefined;
  return !HAS_NGINX || (own !== undefined && spawnSync(own, ["-h"]).error !== undefined);
}

const columns = columnNames();
test.skipIf(columns.every((column) => !missing(column)))(
  "the columns behind nginx are tested where nginx, Go and PHP-FPM are installed",
  ({ skip }) => skip("This machine lacks one of them"),
);

// One process for each column, all at once, with a listener for every endpoint.
describe.concurrent.each(columns.filter((column) => !missing(column)))("%s", (column) => {
  const mine = asked(column);
  let server: Child<ServerQuestion>;
  let ports: ServerReady["ports"];

  beforeAll(async () => {
    server = new Child("server", [column, ...mine.map(({ endpoint }) => endpoint), "no-such-endpoint"], {
      options: FROM_SOURCE,
    });
    ({ ports } = await server.hear<ServerReady>());
    // Go compiles its standard library once.
  }, 120_000);

  afterAll(() => server.stop());

  test.for(mine)("answers $name with the very same bytes as every other column", async (scenario) => {
    const connection = await open(ports, scenario);
    connection.close();
  });

  test.for(mine.filter(({ name }) => name === "stream"))(
    "answers $name without saying how long the body will be, so that no column is spared the framing",
    async (scenario) => {
      const connection = await open(ports, scenario);
      expect(connection.lastHead).toMatch(/\r\ntransfer-encoding: chunked\r\n/i);
      connection.close();
    },
  );

  test.for(mine.filter(({ name }) => name === "json" || name === "hello"))(
    "answers $name with its type",
    async (scenario) => {
      const type = scenario.name === "json" ? "application/json" : "text/plain";
      const connection = await open(ports, scenario);
      expect(connection.lastHead.toLowerCase()).toContain(`\r\ncontent-type: ${type}`);
      connection.close();
    },
  );

  test("says so when it has no such endpoint", () => {
    expect(ports["no-such-endpoint"]).toBeNull();
  });
});

/** Opens a connection, which makes one request and fails unless the whole response is as it should be. */
function open(ports: ServerReady["ports"], scenario: Scenario): Promise<Connection> {
  return openConnection(ports[scenario.endpoint] ?? 0, {
    request: scenario.request(),
    status: scenario.status,
    body: scenario.body(),
  });
}
