// The last write of a whole response. Node 20 and 22 write head and body, and then an empty string that only carries the
// callback: two buffers and a writev, a twentieth of the cost of a small response. Node 24 writes once; so do we before it.
// Something in front may have replaced `end` or `write`, which must then be called.

import { ServerResponse } from "node:http";

/** What OutgoingMessage calls its own steps, unchanged from Node 0.6 to 26. Used on 20 and 22 alone. */
interface OutgoingSteps {
  finished: boolean;
  outputData: unknown[];
  _send(data: string, encoding: BufferEncoding, sent: (error?: Error | null) => void): boolean;
  _finish(): void;
}

const NODE_WRITES_ONCE = Number(process.versions.node.split(".", 1)[0]) >= 24;

const { end, write } = ServerResponse.prototype;

/** Whether nobody has replaced how a response is written and ended, for it alone or for all: a compression, a tracer, a test. */
export function endsAsNode(res: ServerResponse): boolean {
  return res.end === end && res.write === write;
}

/** Ends a response whose head is written but not sent, and whose whole body is `body`. */
export function endWhole(res: ServerResponse, body: string, encoding: BufferEncoding): void {
  const { socket } = res;
  if (NODE_WRITES_ONCE || socket === null) {
    res.end(body, encoding);
    return;
  }
  const steps = res as unknown as OutgoingSteps;
  /* oxlint-disable no-underscore-dangle */
  steps._send(body, encoding, (error) => {
    if (!error && !socket.destroyed) res.emit("finish");
  });
  steps.finished = true;
  if (steps.outputData.length === 0) steps._finish();
}
