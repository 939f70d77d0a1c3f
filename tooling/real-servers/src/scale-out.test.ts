// Three backends, each in a network namespace of its own, behind nginx and behind HAProxy: one is killed under load and started again,
// another is drained. No GET fails. Prints the figures.

import { Agent, get } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundleProgram } from "./bundle.ts";
import { OPTIONS } from "./children/suite-guest.ts";
import { startHaproxy } from "./haproxy.ts";
import { makeNamespace, reasonWithoutNamespaces, type NetworkNamespace } from "./network-namespace.ts";
import { startNginx } from "./nginx.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";
import { startProgram, type RunningProgram, type RunningServer } from "./running-program.ts";

const PORT = 9000;
/** How many requests are at work at a time. */
const CLIENTS = 8;
/** How many there are while nothing changes. */
const REQUESTS = 400;
/** How many it may take until a backend that is there again is asked again. */
const MOST = 50_000;

type Front = (place: Place, addresses: readonly string[]) => Promise<RunningServer>;

const nginx: Front = (place, addresses) =>
  startNginx({
    place,
    http: `upstream app {
    ${addresses.map((address) => `server ${address}:${PORT} max_fails=1 fail_timeout=1s;`).join("\n    ")}
    keepalive 8;
  }`,
    server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_keep_conn on;
      fastcgi_connect_timeout 1s;
      # A backend that is ending refuses a request with END_REQUEST alone.
      fastcgi_next_upstream error timeout invalid_header;
      fastcgi_pass app;
    }`,
  });

const haproxy: Front = (place, addresses) =>
  startHaproxy({
    place,
    backend: `
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response response-timeout junk-response
    http-request disable-l7-retry unless METH_GET
    use-fcgi-app app
    ${addresses.map((address, n) => `server b${n} ${address}:${PORT} proto fcgi check inter 200ms fall 1 rise 1`).join("\n    ")}`,
    sections: `
fcgi-app app
    docroot ${place.folder}
    option keep-conn`,
  });

/** A machine may well forbid them: then, unlike a program that is missing, that is no fault. */
const forbidden = reasonWithoutNamespaces();

describeWith(
  ["nginx", "haproxy", "ip", "setpriv"],
  "three backends in network namespaces of their own",
  () => {
    describe.skipIf(forbidden !== null)(forbidden ?? "are balanced", () => {
      test.each<[string, Front]>([
        ["nginx", nginx],
        ["HAProxy", haproxy],
      ])(
        "behind %s no GET fails when one is killed, comes back, or is drained [F64 F51]",
        async (name, front) => {
          const place = makePlace();
          onTestFinished(() => place.remove());
          await bundleProgram(place, "backend");
          const namespaces = [0, 1, 2].map((number) => makeNamespace(number + (name === "nginx" ? 0 : 8)));
          onTestFinished(() => namespaces.forEach((namespace) => namespace.remove()));
          const backends = await Promise.all(
            namespaces.map((namespace, n) => startBackend(place, namespace, n)),
          );
          onTestFinished(async () => void (await Promise.all(backends.map((backend) => backend.stop()))));
          const web = await front(
            place,
            namespaces.map(({ address }) => address),
          );
          onTestFinished(() => web.stop());
          const load = new Load(web.port);

          const all = await load.run("all three", isWhole);
          expect(all.names()).toEqual(["b0", "b1", "b2"]);

          const [killed, ending] = backends as [RunningProgram, RunningProgram];
          const fewer = await load.run("one killed", isWhole, () => killed.signal("SIGKILL"));
          expect(fewer.of("b0")).toBeLessThan(fewer.of("b1"));

          backends[0] = await startBackend(place, namespaces[0] as NetworkNamespace, 0);
          const back = await load.run("it is back", (answers) => answers.of("b0") > 0 && isWhole(answers));
          expect(back.names()).toEqual(["b0", "b1", "b2"]);

          const ended: Promise<void>[] = [];
          await load.run("one drained", isWhole, () => ended.push(ending.stop()));
          await Promise.all(ended);
          expect(ending.exitCode).toBe(0);
          const rest = await load.run("without it", isWhole);
          expect(rest.names()).toEqual(["b0", "b2"]);

          console.info(`${name}: ${load.figures.join("; ")}`);
          expect(load.failures, web.log()).toEqual([]);
        },
        60_000,
      );
    });
  },
);

function startBackend(place: Place, namespace: NetworkNamespace, number: number): Promise<RunningProgram> {
  const { address, peer, within } = namespace;
  const { uid, gid } = place.user;
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"];
  const options = { host: address, port: PORT, scriptName: "", webServerAddresses: [peer] };
  return startProgram({
    place,
    program: process.execPath,
    args: [place.path("bundle/backend.mjs")],
    env: { TSGI_BACKEND: `b${number}`, [OPTIONS]: JSON.stringify(options), NODE_EXTRA_CA_CERTS: "" },
    within: [...within, "setpriv", ...ids],
    accepts: [{ host: address, port: PORT }],
  });
}

function isWhole(answers: Answers): boolean {
  return answers.total >= REQUESTS;
}

/** Who answered how often. */
class Answers {
  readonly #byName = new Map<string, number>();
  total = 0;

  add(name: string): void {
    this.total += 1;
    this.#byName.set(name, this.of(name) + 1);
  }

  of(name: string): number {
    return this.#byName.get(name) ?? 0;
  }

  names(): string[] {
    return [...this.#byName.keys()].toSorted();
  }

  toString(): string {
    return this.names()
      .map((name) => `${name} ${this.of(name)}`)
      .join(", ");
  }
}

/** Clients that ask one after the other, each on its own connection. */
class Load {
  readonly failures: string[] = [];
  readonly figures: string[] = [];
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks until it is enough; `midway` happens once, with requests at work. */
  async run(
    what: string,
    isEnough: (answers: Answers) => boolean,
    midway: (() => unknown) | null = null,
  ): Promise<Answers> {
    const answers = new Answers();
    let before = midway;
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    const began = performance.now();
    let longest = 0;
    const client = async (): Promise<void> => {
      while (!isEnough(answers) && answers.total < MOST) {
        const asked = performance.now();
        const answer = await this.#ask(agent);
        longest = Math.max(longest, performance.now() - asked);
        if (/^b\d$/.test(answer)) answers.add(answer);
        else this.failures.push(`${what}: ${answer}`);
        if (before !== null && answers.total > REQUESTS / 4) {
          before();
          before = null;
        }
        if (this.failures.length > 20) return;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    agent.destroy();
    const seconds = (performance.now() - began) / 1000;
    const rate = Math.round(answers.total / seconds);
    this.figures.push(
      `${what}: ${answers.total} GETs (${answers}), ${rate}/s, the longest ${Math.round(longest)} ms`,
    );
    return answers;
  }

  #ask(agent: Agent): Promise<string> {
    return new Promise((resolve) => {
      const request = get({ agent, host: "127.0.0.1", port: this.#port, path: "/" }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => (text += piece));
        response.on("error", (error) => resolve(`cut: ${error.message}`));
        response.on("end", () =>
          resolve(response.statusCode === 200 ? text : `${response.statusCode} ${text}`),
        );
      });
      request.on("error", (error) => resolve(`no response: ${error.message}`));
    });
  }
}
