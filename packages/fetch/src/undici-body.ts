// The body a standard Response was made of, where it can be had without a stream: Node 20 and 22 keep it under a symbol.
// Source: lib/web/fetch/body.js of undici ("extract a body": source). Nothing is changed; if it is not there, it is not used.

interface State {
  readonly body?: { readonly source?: unknown } | null;
}

let state: symbol | null | undefined;

/** The string or bytes of an unused body; `undefined` if only its stream has them. */
export function sourceOf(response: Response): string | Uint8Array | undefined {
  if (state === undefined) state = findState();
  if (state === null) return undefined;
  const source = (Reflect.get(response, state) as State | undefined)?.body?.source;
  return typeof source === "string" || source instanceof Uint8Array ? source : undefined;
}

function findState(): symbol | null {
  const text = "the body of a trial";
  const trial = new Response(text);
  for (const symbol of Object.getOwnPropertySymbols(trial)) {
    if ((Reflect.get(trial, symbol) as State | null | undefined)?.body?.source === text) return symbol;
  }
  return null;
}
