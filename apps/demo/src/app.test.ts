import { describe, expect, test } from "vitest";
import { mount } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { app } from "./app.ts";

const client = createTestClient(app);

describe("the demo", () => {
  test("gives browsers a page, and others the roads as text", async () => {
    const page = await client.get("/", { headers: [["accept", "text/html,*/*"]] });
    expect(page.header("content-type")).toBe("text/html; charset=utf-8");
    expect(page.text()).toContain("<title>TSGI demo</title>");
    const text = await client.get("/", { headers: [["host", "demo.example"]] });
    expect(text.header("content-type")).toBe("text/plain; charset=utf-8");
    expect(text.text()).toContain("curl 'http://demo.example/see?any=query'");
  });

  test("shows what it sees", async () => {
    const response = await client.get("/see?a=%20b", { headers: [["X-One", "1"]] });
    expect(response.json()).toMatchObject({
      method: "GET",
      path: "/see",
      query_string: "a=%20b",
      type: "http",
    });
    expect((response.json() as { headers: unknown[] }).headers).toContainEqual(["x-one", "1"]);
  });

  test("refuses an upload that is too long, without reading it", async () => {
    const live = client.open("POST", "/echo", {
      headers: [["content-length", String(64 * 1024 * 1024 + 1)]],
    });
    expect((await live.head).status).toBe(413);
    live.disconnect();
    await live.done;
  });

  test("echoes an upload with its type", async () => {
    const response = await client.post("/echo", { body: "hello", headers: [["content-type", "text/x"]] });
    expect(response.text()).toBe("hello");
    expect(response.header("content-type")).toBe("text/x");
  });

  test("says how to echo, when asked with GET", async () => {
    const response = await client.get("/echo");
    expect(response.status).toBe(405);
    expect(response.header("allow")).toBe("POST, PUT");
  });

  test("streams events until the client leaves, and ends quietly", async () => {
    const live = client.open("GET", "/events");
    const head = await live.head;
    expect(head.status).toBe(200);
    for await (const event of live.serverSentEvents()) {
      expect(event.type).toBe("tick");
      expect(JSON.parse(event.data)).toMatchObject({ id: 1 });
      break;
    }
    live.disconnect();
    await live.done;
  });

  test("runs below a prefix, and its page calls the roads there", async () => {
    const below = createTestClient(mount("/demo", app));
    const page = await below.get("/demo/", { headers: [["accept", "text/html"]] });
    expect(page.text()).toContain('const at = "/demo";');
    expect((await below.get("/demo/see")).json()).toMatchObject({ root_path: "/demo", path: "/demo/see" });
    expect((await below.get("/demo/nothing")).status).toBe(404);
  });
});
