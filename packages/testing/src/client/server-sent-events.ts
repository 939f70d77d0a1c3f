// Server-sent events: octets in pieces in, events out.
// Source: WHATWG HTML §9.2.6 "Interpreting an event stream".

/** An event of a stream. */
export interface ServerSentEvent {
  /** Default: `"message"`. */
  readonly type: string;
  /** The data lines, joined by LF. */
  readonly data: string;
  /** The last id that was given, for this event or one before it; `""` if none was. */
  readonly lastEventId: string;
  /** The reconnection time that was given last, in milliseconds; `null` if none was. */
  readonly retry: number | null;
}

/** Reads an event stream, whose pieces may end anywhere: in a line, between CR and LF, in a character. */
export class EventStreamDecoder {
  // The decoder takes a BOM at the start away, as the standard wants.
  readonly #decoder = new TextDecoder();
  #rest = "";
  #afterCr = false;
  #type = "";
  #data: string[] = [];
  #lastEventId = "";
  #retry: number | null = null;

  /** The events that a piece completes. */
  decode(bytes: Uint8Array): ServerSentEvent[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === "") return [];
    if (this.#afterCr && text.startsWith("\n")) text = text.slice(1);
    this.#afterCr = text === "" ? false : text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() as string;
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const event = line === "" ? this.#dispatch() : this.#field(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #field(line: string): null {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#type = value;
    if (name === "data") this.#data.push(value);
    if (name === "id" && !value.includes("\0")) this.#lastEventId = value;
    if (name === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    const data = this.#data;
    const type = this.#type;
    this.#data = [];
    this.#type = "";
    if (data.length === 0) return null;
    return {
      type: type === "" ? "message" : type,
      data: data.join("\n"),
      lastEventId: this.#lastEventId,
      retry: this.#retry,
    };
  }
}
