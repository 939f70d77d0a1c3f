import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Child } from "./child.ts";
import { columnNames } from "./column.ts";
import { openConnection, type Connection } from "./connection.ts";
import type { ServerQuestion, ServerReady } from "./messages.ts";
import { FROM_SOURCE } from "./run-from-source.ts";
import { loadScenarios, type Scenario } from "./scenario.ts";

const scenarios = (await loadScenarios()).filter((scenario) => scenario.measures === "cpu");

// One process for each column, all at once, with a listener for every endpoint.
describe.concurrent.each(columnNames())("%s", (column) => {
  let server: Child<ServerQuestion>;
  let ports: ServerReady["ports"];

  beforeAll(async () => {
    server = new Child(
      "server",
      [column, ...scenarios.map((scenario) => scenario.endpoint), "no-such-endpoint"],
      { options: FROM_SOURCE },
    );
    ({ ports } = await server.hear<ServerReady>());
  });

  afterAll(() => server.stop());

  test.for(scenarios)("answers $name with the very same bytes as every other column", async (scenario) => {
    const connection = await open(ports, scenario);
    connection.close();
  });

  test("streams without saying how long the body will be, so that no column is spared the framing", async () => {
    const scenario = scenarios.find(({ name }) => name === "stream") as Scenario;
    const connection = await open(ports, scenario);
    expect(connection.lastHead).toMatch(/\r\ntransfer-encoding: chunked\r\n/i);
    connection.close();
  });

  test("answers json as JSON and hello as text", async () => {
    for (const [name, type] of [
      ["json", /\r\ncontent-type: application\/json/i],
      ["hello", /\r\ncontent-type: text\/plain/i],
    ] as const) {
      const scenario = scenarios.find((one) => one.name === name) as Scenario;
      const connection = await open(ports, scenario);
      expect(connection.lastHead).toMatch(type);
      connection.close();
    }
  });

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
