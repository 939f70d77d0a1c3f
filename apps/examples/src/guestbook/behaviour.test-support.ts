// What the guestbook does, asked over HTTP: the same for every step of every migration.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, type Running } from "../running.test-support.ts";
import { ask } from "./ask.test-support.ts";
import { eventsOf } from "./event-reader.test-support.ts";
import { MAX_BYTES } from "./guestbook.ts";
import { files } from "./settings.ts";

/** Runs a step, and tests that it is the guestbook. */
export function testGuestbook(step: string): void {
  let running: Running;
  beforeAll(async () => {
    running = await run(step);
  });
  afterAll(() => running.stop());

  const get = (path: string, init: RequestInit = {}): Promise<Response> => ask(running.url + path, init);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    get(path, { method: "POST", body: body as BodyInit, headers });
  const form = (fields: Record<string, string>): URLSearchParams => new URLSearchParams(fields);
  const json = (path: string, value: unknown): Promise<Response> =>
    post(path, JSON.stringify(value), { "content-type": "application/json" });
  const signIn = async (name: string): Promise<Record<string, string>> => {
    const answer = await post("/sign-in", form({ name }));
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    const [cookie = "", ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(cookie).toMatch(/^guest=.*; Path=\/.*; HttpOnly/i);
    return { cookie: cookie.slice(0, cookie.indexOf(";")) };
  };
  const picture = (type: string, bytes: Uint8Array): FormData => {
    const data = new FormData();
    data.append("picture", new Blob([bytes.slice()], { type }), "picture");
    return data;
  };

  test("a stranger is asked for a name", async () => {
    const answer = await get("/");
    expect(answer.status).toBe(200);
    expect(typeOf(answer)).toBe("text/html; charset=utf-8");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await answer.text()).toContain('action="/sign-in"');
  });

  test("a visitor is known by a cookie that cannot be made up", async () => {
    const headers = await signIn("Zoë");
    expect(await (await get("/", { headers })).text()).toContain("Hello Zoë.");
    const forged = { cookie: `${headers["cookie"]?.slice(0, -4)}AAAA` };
    expect(await (await get("/", { headers: forged })).text()).not.toContain("Hello");
  });

  test("an entry from the form is on the page, and what looks like HTML is text", async () => {
    const headers = await signIn("Ada");
    const answer = await post("/entries", form({ text: " <b>bold</b> & ünïcode " }), headers);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
    expect(await (await get("/")).text()).toContain(
      "<li><b>Ada</b>: &#60;b&#62;bold&#60;/b&#62; &#38; ünïcode</li>",
    );
  });

  test("a form that is refused says why, on a page", async () => {
    const stranger = await post("/entries", form({ text: "hello" }));
    expect([stranger.status, typeOf(stranger)]).toEqual([403, "text/html; charset=utf-8"]);
    expect(await stranger.text()).toContain("<p>Please sign in first.</p>");
    const empty = await post("/sign-in", form({ name: " " }));
    expect(empty.status).toBe(400);
    expect(empty.headers.getSetCookie()).toEqual([]);
    expect(await empty.text()).toContain("<p>Please fill in: name.</p>");
  });

  test("a file is served as it is, and HEAD has its length only", async () => {
    const style = readFileSync(join(files, "style.css"), "utf8");
    const answer = await get("/style.css");
    expect([answer.status, typeOf(answer)]).toEqual([200, "text/css; charset=utf-8"]);
    expect(await answer.text()).toBe(style);
    const head = await get("/style.css", { method: "HEAD" });
    expect([head.status, typeOf(head)]).toEqual([200, "text/css; charset=utf-8"]);
    expect(head.headers.get("content-length")).toBe(String(style.length));
    expect(await head.text()).toBe("");
  });

  test("an entry written as JSON can be read by its address, and in the list", async () => {
    const written = await json("/api/entries", { name: "Grace", text: "Hello", id: 99 });
    const entry = await written.json();
    expect(written.status).toBe(201);
    expect(typeOf(written)).toMatch(/^application\/json\b/);
    expect(entry).toEqual({ id: expect.any(Number), name: "Grace", text: "Hello" });
    expect(written.headers.get("location")).toBe(`/api/entries/${entry.id}`);
    expect(await (await get(`/api/entries/${entry.id}`)).json()).toEqual(entry);
    expect(await (await get("/api/entries")).json()).toContainEqual(entry);
    const head = await get("/api/entries", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test.each([
    ["what is no JSON", '{"name":', 400, "That was not understood."],
    ["what lacks the text", '{"name":"Ada"}', 400, "Please fill in: text."],
    ["a prototype in place of a name", '{"__proto__":{"name":"x","text":"x"}}', 400, null],
    ["a text that is too long", JSON.stringify({ name: "Ada", text: "x".repeat(281) }), 422, null],
    [
      "a body that is too long",
      JSON.stringify({ name: "x".repeat(2 * MAX_BYTES) }),
      413,
      "That is too much.",
    ],
  ])("%s is refused in JSON", async (_what, body, status, message) => {
    const answer = await post("/api/entries", body, { "content-type": "application/json" });
    expect([answer.status, typeOf(answer)]).toEqual([status, "application/json; charset=utf-8"]);
    expect(await answer.json()).toEqual({ error: message ?? expect.any(String) });
  });

  test.each(["/api/entries/0", "/api/entries/..%2F..%2Fno.css", "/api/entries/%2e%2e%2f", "/api/nothing"])(
    "%s is not there, which is said in JSON",
    async (path) => {
      const answer = await get(path);
      expect([answer.status, typeOf(answer)]).toEqual([404, "application/json; charset=utf-8"]);
      expect(await answer.json()).toEqual({
        error: expect.stringMatching(/^There is no such (entry|page)\.$/),
      });
    },
  );

  test("a picture that is hung can be seen, octet for octet", async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256);
    expect((await post("/picture", picture("image/png", bytes))).status).toBe(303);
    const answer = await get("/picture");
    expect(typeOf(answer)).toBe("image/png");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(Buffer.compare(new Uint8Array(await answer.arrayBuffer()), bytes)).toBe(0);
  });

  test("a picture that is too large or no picture is refused, on a page", async () => {
    const large = await post("/picture", picture("image/png", new Uint8Array(MAX_BYTES + 1)));
    expect([large.status, typeOf(large)]).toEqual([413, "text/html; charset=utf-8"]);
    expect(await large.text()).toContain("<p>That is too much.</p>");
    const script = await post("/picture", picture("text/html", Buffer.from("<script>")));
    expect(script.status).toBe(415);
  });

  test("who reads along hears of entries, and of those who come and go", async () => {
    const first = eventsOf(await get("/events"));
    expect(await first.next()).toEqual(["readers", 1]);
    const second = eventsOf(await get("/events"));
    expect(await first.next()).toEqual(["readers", 2]);
    expect(await second.next()).toEqual(["readers", 2]);
    const entry = await (await json("/api/entries", { name: "Ada", text: "to all" })).json();
    expect(await first.next()).toEqual(["entry", entry]);
    expect(await second.next()).toEqual(["entry", entry]);
    await second.leave();
    expect(await first.next()).toEqual(["readers", 1]);
    const headers = await signIn("Ada");
    await post("/entries", form({ text: "from the form" }), headers);
    expect(await first.next()).toEqual(["entry", expect.objectContaining({ text: "from the form" })]);
    await first.leave();
  });

  test("what is not there is said on a page, whatever the method", async () => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await get("/nothing/here?at=all", { method });
      expect([answer.status, typeOf(answer)]).toEqual([404, "text/html; charset=utf-8"]);
      expect(await answer.text()).toContain("<p>There is no such page.</p>");
    }
  });

  test("what breaks is told to the log, and to nobody else", async () => {
    const answer = await get("/broken");
    expect([answer.status, typeOf(answer)]).toEqual([500, "text/html; charset=utf-8"]);
    const text = await answer.text();
    expect(text).toContain("<p>That did not work.</p>");
    expect(text).not.toContain("secret");
    await running.until("the secret reason");
  });
}

/** The media type as all frameworks mean it: they differ in case. */
function typeOf(answer: Response): string {
  return (answer.headers.get("content-type") ?? "").toLowerCase();
}
