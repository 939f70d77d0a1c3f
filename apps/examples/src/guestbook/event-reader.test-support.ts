// A reader of the guestbook's events, one at a time.

/** A response that is read as server-sent events. */
export interface EventReader {
  /** The next event: its name and its data. */
  next(): Promise<[name: string, data: unknown]>;
  /** Closes the connection. */
  leave(): Promise<void>;
}

/** Reads a response of `GET /events`. */
export function eventsOf(answer: Response): EventReader {
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream") || answer.body === null) {
    throw new Error(`No events: ${answer.status} ${answer.headers.get("content-type")}`);
  }
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    async next() {
      for (;;) {
        const event = /^event: (.*)\ndata: (.*)\n\n/.exec(text);
        if (event !== null) {
          text = text.slice(event[0].length);
          return [event[1] ?? "", JSON.parse(event[2] ?? "")];
        }
        const { done, value } = await reader.read();
        if (done) throw new Error("The events have ended");
        text += decoder.decode(value, { stream: true });
      }
    },
    leave: () => reader.cancel(),
  };
}
