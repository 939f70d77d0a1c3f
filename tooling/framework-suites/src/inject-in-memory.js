// light-my-request's `inject` over our own in-memory client: the listener is an app, and no object of light-my-request is there.
// Only the shape of its response is made: `raw`, a stream of Node, and the fields that are between a response and its socket.

import { Readable } from "node:stream";
import { fromNode } from "@tsgi/node";
import { inject } from "@tsgi/testing";

const HOP_BY_HOP = ["Date", "Connection", "Transfer-Encoding"];

/** What light-my-request sends with every request. */
const USER_AGENT = { "user-agent": "lightMyRequest" };

/** Makes an `inject` that asks with `te`, if that is something, and calls `counted` for each request. */
export function injectInMemory(real, te, counted) {
  const always = te === undefined ? USER_AGENT : { ...USER_AGENT, te };
  return function injected(dispatch, options, callback) {
    if (typeof dispatch !== "function") return real(dispatch, options, callback);
    const asked = typeof options === "string" ? { url: options } : (options ?? {});
    const given = { ...asked, headers: { ...always, ...asked.headers } };
    const raw = {};
    const app = fromNode((req, res) => {
      counted();
      Object.assign(raw, { req, res });
      return dispatch.call(given.server ?? {}, req, res);
    });
    const chain = inject(app, given);
    const end = chain.end.bind(chain);
    const response = () => Promise.prototype.then.call(chain, (got) => shaped(got, raw), refused);
    // oxlint-disable-next-line no-thenable -- it is a promise, of another shape of response.
    chain.then = (onDone, onFailed) => response().then(onDone, onFailed);
    chain.end = (done) => {
      void end();
      if (done === undefined) return chain;
      response().then(
        (got) => process.nextTick(done, null, got),
        (error) => process.nextTick(done, error, null),
      );
      return undefined;
    };
    return callback === undefined ? chain : chain.end(callback);
  };
}

function shaped(got, raw) {
  const headers = { ...got.headers };
  for (const name of HOP_BY_HOP) {
    // oxlint-disable-next-line no-underscore-dangle -- where light-my-request finds them, too.
    const field = raw.res?._header?.match(new RegExp(`\\r\\n${name}: ([^\\r]*)\\r\\n`, "i"));
    if (field) headers[name.toLowerCase()] = field[1];
  }
  const { statusCode, statusMessage, trailers, rawPayload, payload, body, cookies, json } = got;
  return {
    raw,
    headers,
    statusCode,
    statusMessage,
    trailers,
    rawPayload,
    payload,
    body,
    cookies,
    json,
    stream: () => Readable.fromWeb(got.stream()),
  };
}

/** A response that was cut has light-my-request's own error. */
function refused(error) {
  if (error.code !== "TSGI_ERR_INCOMPLETE") throw error;
  throw Object.assign(new Error("response destroyed before completion"), {
    code: "LIGHT_ECONNRESET",
    cause: error,
  });
}
