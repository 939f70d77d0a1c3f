// The fields a server of its own accord adds to a response that lacks them: Server, here; Date is Node's.
// Source: RFC 9110 §6.6.1 (Date), §10.2.4 (Server).

/** Adds a Server field to flat response fields that have none. */
export function addServerField(fields: string[], value: string): void {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 6 && name.toLowerCase() === "server") return;
  }
  fields.push("server", value);
}
