import { once } from "node:events";
import { expect, test } from "vitest";
import { memoryScope } from "./memory-transport.test-support.ts";
import { SyntheticSocket, type FarEnd } from "./socket.ts";

test("a socket that was let go asks nothing more of what it belonged to, and can still be closed", async () => {
  const asked: string[] = [];
  const far: FarEnd = {
    piecesWritten: (_pieces, done) => void (asked.push("write"), done()),
    writingEnded: (done) => void (asked.push("end"), done()),
    readingResumed: () => void asked.push("resume"),
    socketDrained: () => void asked.push("drain"),
    socketTimedOut: () => void asked.push("timeout"),
    socketClosed: () => void asked.push("close"),
  };
  const socket = new SyntheticSocket(memoryScope(), far);
  socket.write("before");
  socket.letGo();
  socket.resume();
  socket.write("after");
  socket.emit("timeout");
  socket.end();
  await once(socket, "finish");
  socket.destroy();
  await once(socket, "close");
  expect(asked).toEqual(["write"]);
  expect(socket.remoteAddress).toBe(memoryScope().client?.[0]);
});
