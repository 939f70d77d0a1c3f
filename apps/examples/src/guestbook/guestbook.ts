// What the guestbook knows. No server and no framework: it stays as it is while everything around it is exchanged.

/** An entry, as it is shown. */
export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

/** The picture on the wall. */
export interface Picture {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A request that is refused; the message is for the visitor. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The largest picture and the largest request of another kind, in bytes. */
export const MAX_BYTES = 1_048_576;

const MAX_ENTRIES = 100;
const MAX_NAME = 40;
const MAX_TEXT = 280;
const PICTURES = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/** The entries, the picture, and who is reading along. */
export class Guestbook {
  readonly entries: Entry[] = [];
  #last = 0;
  #picture: Picture | null = null;
  readonly #readers: Set<(event: string) => void> = new Set();

  /** The name in the form of the sign-in. */
  nameIn(form: unknown): string {
    return textIn(form, "name", MAX_NAME);
  }

  /** Writes an entry: the text comes from the form, the name from the session. */
  sign(name: string | undefined, form: unknown): Entry {
    if (name === undefined) throw new Refused(403, "Please sign in first.");
    return this.write({ name, text: textIn(form, "text", MAX_TEXT) });
  }

  /** Writes an entry of the form `{ name, text }`. */
  write(form: unknown): Entry {
    const entry = { id: this.#last + 1, name: this.nameIn(form), text: textIn(form, "text", MAX_TEXT) };
    this.#last = entry.id;
    this.entries.push(entry);
    if (this.entries.length > MAX_ENTRIES) this.entries.shift();
    this.#tell("entry", entry);
    return entry;
  }

  /** The entry with this id. */
  find(id: string | undefined): Entry {
    const entry = this.entries.find((one) => String(one.id) === id);
    if (entry === undefined) throw new Refused(404, "There is no such entry.");
    return entry;
  }

  get picture(): Picture {
    if (this.#picture === null) throw new Refused(404, "Nobody has hung a picture yet.");
    return this.#picture;
  }

  /** Hangs a picture on the wall. */
  hang(type: string | undefined, bytes: Uint8Array | undefined): void {
    if (bytes === undefined || type === undefined) throw new Refused(400, "Please choose a picture.");
    if (!PICTURES.includes(type)) throw new Refused(415, "That is not a picture.");
    this.#picture = { type, bytes };
  }

  /**
   * Reads along: `tell` gets each server-sent event as its text. The result leaves again.
   *
   * @example
   * event: entry
   * data: {"id":1,"name":"Ada","text":"Hello"}
   */
  join(tell: (event: string) => void): () => void {
    this.#readers.add(tell);
    this.#tell("readers", this.#readers.size);
    return () => {
      if (this.#readers.delete(tell)) this.#tell("readers", this.#readers.size);
    };
  }

  #tell(event: string, data: unknown): void {
    for (const tell of this.#readers) tell(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

/** The guestbook of this process. */
export const guestbook: Guestbook = new Guestbook();

function textIn(form: unknown, field: string, longest: number): string {
  const value = typeof form === "object" && form !== null ? Reflect.get(form, field) : undefined;
  const text = typeof value === "string" ? value.trim() : "";
  if (text === "") throw new Refused(400, `Please fill in: ${field}.`);
  if (text.length > longest) throw new Refused(422, `Up to ${longest} characters, please: ${field}.`);
  return text;
}
