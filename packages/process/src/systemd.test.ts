import { expect, test } from "vitest";
import { systemdFd, type SystemdEnvironment } from "./systemd.ts";

const one = (): SystemdEnvironment => ({ LISTEN_PID: "42", LISTEN_FDS: "1", LISTEN_FDNAMES: "web.socket" });
const two = (): SystemdEnvironment => ({ LISTEN_PID: "42", LISTEN_FDS: "2", LISTEN_FDNAMES: "metrics:web" });

test("the one socket passed is descriptor 3", () => expect(systemdFd(one(), 42)).toBe(3));

test("a socket can be chosen by name", () => expect(systemdFd(two(), 42, "web")).toBe(4));

test("the variables are taken out of the environment, for no child to see", () => {
  const env = { ...one(), PATH: "/bin" };
  systemdFd(env, 42);
  expect(env).toEqual({ PATH: "/bin" });
});

test.each([
  ["no variables", {}, null],
  ["variables of another process", { ...one(), LISTEN_PID: "41" }, null],
  ["a count of none", { ...one(), LISTEN_FDS: "0" }, null],
  ["a count that is no number", { ...one(), LISTEN_FDS: "x" }, null],
  ["several sockets and no name", two(), null],
  ["a name that was not passed", two(), "other"],
  ["a name without names", { LISTEN_PID: "42", LISTEN_FDS: "2" }, "web"],
  ["a name that two sockets have", { ...two(), LISTEN_FDNAMES: "web:web" }, "web"],
  ["a name beyond the count", { ...two(), LISTEN_FDNAMES: "a:b:web" }, "web"],
])("%s: no socket is guessed at, and the environment stays", (_, env: SystemdEnvironment, name) => {
  const before = { ...env };
  expect(() => systemdFd(env, 42, name)).toThrow(expect.objectContaining({ code: "TSGI_ERR_LISTEN" }));
  expect(env).toEqual(before);
});
