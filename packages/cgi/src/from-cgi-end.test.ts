// How a program ends, and what is left of it: clients that go away, deadlines, crowds, and programs that mean harm.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startLifespan } from "@tsgi/core";
import { createTestClient, type TestExchange } from "@tsgi/testing";
import { fromCgi, type FromCgiOptions } from "./from-cgi.ts";
import {
  childrenOfThis,
  clientOf,
  isAlive,
  openFiles,
  scriptDirectory,
  whenClosed,
  whenGone,
} from "./scripts.test-support.ts";

const scripts = scriptDirectory();
const HEAD = 'printf "Content-Type: text/plain\\n\\n"';

/** A program that gives its process id as the first piece of its body, and that of a descendant of its, and then does `text`. */
function known(name: string, text: string): string {
  return scripts.script(name, `sleep 1000 >/dev/null 2>&1 & ${HEAD}; echo "$$ $!"; ${text}`);
}

function open(file: string, options: FromCgiOptions = {}): TestExchange {
  return clientOf(fromCgi(file, options)).open("GET", "/");
}

/** The processes a program has told. */
async function pidsOf(exchange: TestExchange): Promise<number[]> {
  const piece = await exchange.read();
  const [line = ""] = new TextDecoder().decode(piece ?? undefined).split("\n");
  return line.split(" ").map(Number);
}

async function allGone(pids: readonly number[]): Promise<void> {
  expect(pids.every((pid) => pid > 1)).toBe(true);
  for (const pid of pids) await whenGone(pid);
}

afterEach(async () => {
  vi.useRealTimers();
  // Whatever a test was about, no program is left, and none becomes a zombie.
  for (const pid of childrenOfThis()) {
    const name = readFileSync(`/proc/${pid}/comm`, "latin1").trim();
    if (!["esbuild", "node", "MainThread"].includes(name)) await whenGone(pid);
  }
});

describe("a client that goes away", () => {
  test("ends the program and all that it has started [CH24 S28]", async () => {
    const exchange = open(known("waits", "wait"));
    const pids = await pidsOf(exchange);
    expect(pids.map(isAlive)).toEqual([true, true]);
    exchange.disconnect();
    await exchange.done;
    await allGone(pids);
    expect(exchange.log).toEqual([]);
  });

  test("ends a program that will not hear of it, after its grace [CH24 S28]", async () => {
    const exchange = open(known("deaf", 'trap "" TERM; (trap "" TERM; sleep 1000) & wait; sleep 1000'), {
      killGrace: 20,
    });
    const pids = await pidsOf(exchange);
    exchange.disconnect();
    await exchange.done;
    await allGone(pids);
  });

  test("before the head has come ends the program too [CH24]", async () => {
    const file = scripts.script(
      "no-head-yet",
      `echo "$$ $$" > "${scripts.path}/pid"; mv "${scripts.path}/pid" "${scripts.path}/pid-there"; sleep 1000`,
    );
    const exchange = open(file);
    const pid = await pidIn("pid-there");
    exchange.disconnect();
    await exchange.done;
    await allGone([pid]);
  });

  test("while it sends its body ends the program [CH12 CH24]", async () => {
    const file = known("reads", "cat");
    const exchange = clientOf(fromCgi(file)).open("POST", "/", { headers: { "content-length": "10" } });
    const pids = await pidsOf(exchange);
    await exchange.sendBody("12345");
    exchange.disconnect();
    await exchange.done;
    await allGone(pids);
    expect(exchange.log).toEqual([]);
  });

  test("while the program is held up ends it as well [CH22 CH24]", async () => {
    const exchange = open(known("endless", "cat /dev/zero"));
    const pids = await pidsOf(exchange);
    exchange.pause();
    while (exchange.buffered === 0) await new Promise((resolve) => setImmediate(resolve));
    exchange.disconnect();
    await exchange.done;
    await allGone(pids);
  });
});

/** Time passes only by the test's word from now on. */
function clockStops(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
}

/** Resolves when no time limit runs. */
async function timeStandsStill(): Promise<void> {
  while (vi.isFakeTimers() && vi.getTimerCount() > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** The number in a file that a program writes. */
async function pidIn(name: string): Promise<number> {
  for (;;) {
    try {
      return Number(readFileSync(join(scripts.path, name), "latin1").split(" ")[0]);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe("a program that takes too long", () => {
  test("for its head is a 504, and is ended with all that it has started [CH25 S28]", async () => {
    const file = scripts.script(
      "slow-head",
      `sleep 1000 & echo "$$ $!" > "${scripts.path}/slow"; mv "${scripts.path}/slow" "${scripts.path}/slow-pid"; printf "Content-"; wait`,
    );
    const response = await clientOf(fromCgi(file, { headTimeout: 1_000 })).get("/");
    expect(response).toMatchObject({ status: 504, complete: true });
    expect(response.text()).toBe("Gateway Timeout");
    expect(response.log[0]?.message).toContain("is silent for too long");
    await allGone([await pidIn("slow-pid")]);
  });

  test("within its body has its response cut [CH25]", async () => {
    const exchange = open(known("stalls", "wait"), { idleTimeout: 50 });
    const pids = await pidsOf(exchange);
    await expect(exchange.read()).rejects.toThrow();
    await exchange.done;
    expect(exchange.log[0]?.error).toMatchObject({ code: "TSGI_ERR_SCRIPT_TIMEOUT" });
    await allGone(pids);
  });

  test("within its body has its response cut, whenever it was held up before [CH22 CH25]", async () => {
    const file = scripts.script(
      "stalls-later",
      `${HEAD}; echo a; sleep 0.1; head -c 200000 /dev/zero; sleep 1000`,
    );
    const client = createTestClient(fromCgi(file, { idleTimeout: 1_000 }), { highWaterMark: 1 });
    const exchange = client.open("GET", "/");
    exchange.pause();
    await exchange.head;
    exchange.resume();
    let size = 0;
    const whole = async (): Promise<void> => {
      for await (const piece of exchange.pieces) {
        size += piece.length;
        exchange.pause();
        await new Promise((resolve) => setImmediate(resolve));
        exchange.resume();
      }
    };
    await expect(whole()).rejects.toThrow();
    expect(size).toBe(200_002);
  });

  test("in all has its response cut, however busy it is [CH25 S28]", async () => {
    const exchange = open(known("busy", "while :; do echo x; sleep 0.01; done"), { timeout: 1_000 });
    const pids = await pidsOf(exchange);
    await expect(exchange.response()).resolves.toMatchObject({ complete: false });
    expect(exchange.log[0]?.error).toMatchObject({ code: "TSGI_ERR_SCRIPT_TIMEOUT" });
    await allGone(pids);
  });

  test("in all is a 504 if it has not even begun [CH25]", async () => {
    const file = scripts.script("never", "sleep 1000");
    expect((await clientOf(fromCgi(file, { timeout: 50 })).get("/")).status).toBe(504);
  });

  test("because its client does is not to blame [CH25]", async () => {
    const file = scripts.script("patient", `body=$(cat); ${HEAD}; echo "$body"`);
    clockStops();
    const exchange = clientOf(fromCgi(file, { headTimeout: 500, timeout: Infinity })).open("POST", "/", {
      headers: { "content-length": "2" },
    });
    await exchange.sendBody("a");
    await timeStandsStill();
    vi.advanceTimersByTime(60_000);
    await exchange.sendBody("b");
    exchange.endBody();
    expect((await exchange.response()).text()).toBe("ab\n");
  });

  test("because its client does not read is not to blame either [CH22 CH25]", async () => {
    const file = scripts.script("held-up", `${HEAD}; head -c 3000000 /dev/zero`);
    clockStops();
    const client = createTestClient(fromCgi(file, { idleTimeout: 1_000, timeout: Infinity }), {
      highWaterMark: 16_384,
    });
    const exchange = client.open("GET", "/");
    await exchange.head;
    exchange.pause();
    await timeStandsStill();
    vi.advanceTimersByTime(60_000);
    exchange.resume();
    expect((await exchange.response()).body).toHaveLength(3_000_000);
  });

  test("may say something now and then [CH25]", async () => {
    const file = scripts.script("now-and-then", `${HEAD}; for i in 1 2 3 4; do echo $i; sleep 0.5; done`);
    const response = await clientOf(fromCgi(file, { idleTimeout: 1_500 })).get("/");
    expect(response.text()).toBe("1\n2\n3\n4\n");
  });
});

describe("a program that fails in the end", () => {
  const failing = (end: string, head = "Content-Type: a/b"): string =>
    scripts.script(`fails-${end}`, `printf "${head}\\n\\nHello"; ${end}`);

  test.each(["exit 3", "kill -SEGV $$"])(
    "by %j has its response cut if that is asked for [CH26]",
    async (end) => {
      const file = failing(end);
      const cut = await clientOf(fromCgi(file, { failedExit: "cut" })).get("/");
      expect(cut).toMatchObject({ status: 200, complete: false });
      expect(await clientOf(fromCgi(file)).get("/")).toMatchObject({ status: 200, complete: true });
    },
  );

  test("has a whole response if all bytes of its length are there, or if it ends well [CH26]", async () => {
    for (const file of [failing("exit 3", "Content-Length: 5\\nContent-Type: a/b"), failing("exit 0")]) {
      const response = await clientOf(fromCgi(file, { failedExit: "cut" })).get("/");
      expect(response).toMatchObject({ status: 200, complete: true });
    }
  });
});

describe("a program that leaves something behind", () => {
  test("has it ended with its own end, also if it holds the output [CH24 S28]", async () => {
    const file = scripts.script("leaves-child", `${HEAD}; sleep 1000 & echo "$$ $!"`);
    const exchange = open(file);
    const pids = await pidsOf(exchange);
    expect(await exchange.read()).toBeNull();
    await exchange.done;
    await allGone(pids);
  });

  test("that will not end is not waited for longer than its grace [CH24 S28]", async () => {
    const file = scripts.script(
      "leaves-deaf",
      `${HEAD}; (trap "" TERM; echo "$$ $$"; sleep 1000; sleep 1000) & wait_for=1; exit 0`,
    );
    const exchange = open(file, { killGrace: 50 });
    const response = await exchange.response();
    expect(response.complete).toBe(true);
    await exchange.done;
  });

  test("but a daemon of a session of its own lives on, and is not waited for [S28]", async () => {
    const file = scripts.script(
      "daemon",
      `${HEAD}; setsid sh -c 'echo "$0 $$"; exec sleep 1000' $$ & read line`,
    );
    const exchange = clientOf(fromCgi(file, { killGrace: 50 })).open("POST", "/", {
      headers: { "content-length": "2" },
    });
    const [pid, daemon] = await pidsOf(exchange);
    await exchange.sendBody("x\n");
    expect(await exchange.read()).toBeNull();
    await exchange.done;
    await allGone([pid as number]);
    expect(isAlive(daemon as number)).toBe(true);
    process.kill(daemon as number, "SIGKILL");
  });

  test.each(["Content-Length: 2", "Content-Type: a/b"])(
    "a daemon that holds the output of a whole response is not waited for: %s [CH20 S28]",
    async (field) => {
      const text = `setsid sh -c 'echo "$$" > "$0"; exec sleep 1000' "${scripts.path}/daemon-pid" & printf "Status: 200\\n${field}\\n\\nok"; while [ ! -s "${scripts.path}/daemon-pid" ]; do :; done`;
      const exchange = open(scripts.script("holds-output", text), { killGrace: 50 });
      expect((await exchange.response()).text()).toBe("ok");
      await exchange.done;
      const daemon = await pidIn("daemon-pid");
      expect(isAlive(daemon)).toBe(true);
      process.kill(daemon, "SIGKILL");
      rmSync(join(scripts.path, "daemon-pid"));
    },
  );
});

describe("a program that writes on after its response", () => {
  test("is read to its end, and what it writes is thrown away [CH20]", async () => {
    const text = `printf "Content-Type: a/b\\nContent-Length: 2\\n\\nok"; head -c 500000 /dev/zero; echo end >&2`;
    const response = await clientOf(fromCgi(scripts.script("too-much", text))).get("/");
    expect(response.text()).toBe("ok");
    expect(response.log.map((line) => line.message).join()).toContain(": end");
  });

  test("without an end is ended [CH20 CH21 S28]", async () => {
    for (const [method, text] of [
      ["GET", 'printf "Content-Type: a/b\\nContent-Length: 2\\n\\nok"; cat /dev/zero'],
      ["HEAD", `${HEAD}; cat /dev/zero`],
    ] as const) {
      const exchange = clientOf(fromCgi(scripts.script(`endless-${method}`, text))).open(method, "/");
      expect(await exchange.response()).toMatchObject({ status: 200, complete: true });
      await exchange.done;
    }
  });
});

describe("a crowd", () => {
  const GATE = scripts.script("gate", `${HEAD}; echo in; read line; echo out`);

  function enter(client: ReturnType<typeof clientOf>): TestExchange {
    return client.open("POST", "/", { headers: { "content-length": "2" } });
  }

  test("of as many programs as allowed is served, the next one waits, one more is 503 [CH31]", async () => {
    const client = clientOf(fromCgi(GATE, { maxChildren: 2, maxQueue: 1 }));
    const [one, two] = [enter(client), enter(client)];
    await Promise.all([one.head, two.head]);
    const three = enter(client);
    const four = enter(client);
    const refused = await four.response();
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.log.map((line) => line.message)).toEqual(["There is no place for another program"]);
    await one.sendBody("x\n");
    expect((await one.response()).text()).toBe("in\nout\n");
    expect((await three.head).status).toBe(200);
    for (const exchange of [two, three]) {
      await exchange.sendBody("x\n");
      expect((await exchange.response()).text()).toBe("in\nout\n");
    }
  });

  test("waits for so long, and no longer [CH31 S8]", async () => {
    const client = clientOf(fromCgi(GATE, { maxChildren: 1, queueTimeout: 20 }));
    const one = enter(client);
    await one.head;
    expect(await enter(client).response()).toMatchObject({ status: 503 });
    await one.sendBody("x\n");
    expect((await one.response()).status).toBe(200);
    await one.done;
    const again = enter(client);
    await again.sendBody("x\n");
    expect((await again.response()).status).toBe(200);
  });

  test("may have none that waits [CH31 S8]", async () => {
    const client = clientOf(fromCgi(GATE, { maxChildren: 1, maxQueue: 0 }));
    const one = enter(client);
    await one.head;
    expect(await enter(client).response()).toMatchObject({ status: 503 });
    one.disconnect();
    await one.done;
  });

  test("gives the place of a client that went away to the next [CH24 CH31]", async () => {
    const client = clientOf(fromCgi(GATE, { maxChildren: 1 }));
    const one = enter(client);
    await one.head;
    const [gone, next] = [enter(client), enter(client)];
    gone.disconnect();
    await gone.done;
    one.disconnect();
    expect((await next.head).status).toBe(200);
    await next.sendBody("x\n");
    expect((await next.response()).text()).toBe("in\nout\n");
  });

  test("of programs that cannot be started takes no places [CH27 CH31]", async () => {
    const client = clientOf(fromCgi("/no/such/program", { maxChildren: 1, maxQueue: 0 }));
    for (let i = 0; i < 3; i += 1) expect((await client.get("/")).status).toBe(500);
  });

  test("of a hundred is served in the end, and leaves nothing open [CH31]", async () => {
    const file = scripts.script("short", `${HEAD}; echo "$QUERY_STRING"`);
    const client = clientOf(fromCgi(file, { maxChildren: 4 }));
    await client.get("/");
    const before = openFiles();
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => client.get(`/?${i}`)));
    expect(all.map((response) => response.text().trim())).toEqual(
      Array.from({ length: 100 }, (_, i) => String(i)),
    );
    await whenClosed(before);
  });
});

describe("the end of the server", () => {
  test("ends every program, and waits until it has [CH31 S28]", async () => {
    const app = fromCgi(known("serves-on", "wait"));
    const lifespan = await startLifespan(app, { mode: "on" });
    const exchange = clientOf(app).open("GET", "/");
    const pids = await pidsOf(exchange);
    await lifespan.shutdown();
    expect(isAlive(pids[0] as number)).toBe(false);
    await allGone(pids);
    await exchange.done;
  });
});

describe("a program that means harm", () => {
  const cases: [what: string, text: string, outcome: object][] = [
    ["closes its output at once", "exec >&-; sleep 0.05", { status: 500 }],
    ["gives a head without end", "cat /dev/zero", { status: 500 }],
    [
      "gives a line without end",
      'while :; do printf "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; done',
      { status: 500 },
    ],
    ["gives lines without end", "while :; do echo 'X-A: b'; done", { status: 500 }],
    ["floods the log without end", "cat /dev/zero >&2 & while :; do printf '\\n' >&2; done", { status: 504 }],
    ["splits the response", 'printf "Content-Type: a/b\\nX: a\\r\\r\\nY: c\\n\\n"', { status: 500 }],
    ["splits by its status", 'printf "Status: 200 OK\\rX: y\\n\\n"', { status: 500 }],
    [
      "dies within its body",
      `printf "Content-Type: a/b\\nContent-Length: 9\\n\\nabc"; kill -KILL $$`,
      { status: 200, complete: false },
    ],
    ["kills its own group", `${HEAD}; kill -KILL -$$`, { status: 200 }],
    ["stops itself", "kill -STOP $$", { status: 504 }],
  ];
  test.each(cases)(
    "has a clear end, and leaves nothing: %s [CH13 CH14 CH23 CH25 CH26 S4 S28]",
    async (what, text, outcome) => {
      const headTimeout = "status" in outcome && outcome.status === 504 ? 300 : 15_000;
      const file = scripts.script(what.replaceAll(" ", "-"), text);
      const client = clientOf(fromCgi(file, { headTimeout, killGrace: 50 }));
      const before = openFiles();
      const exchange = client.open("GET", "/");
      expect(await exchange.response()).toMatchObject(outcome);
      await exchange.done;
      expect(exchange.log.length).toBeLessThan(1_000);
      for (const pid of childrenOfThis()) {
        if (readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(scripts.path)) await whenGone(pid);
      }
      await whenClosed(before);
    },
  );
});
