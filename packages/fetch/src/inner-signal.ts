// Aborts the signal inside a Request of ours. To follow a signal costs undici 10 to 20 µs a request (a FinalizationRegistry, a
// WeakRef); so the inner one is told what happened, if it ever happens. It is ours: nobody but `fetch` and `new Request` sees it.
// Source: WHATWG DOM "AbortSignal"; lib/web/fetch/request.js of undici, which follows by `aborted`, `reason` and the abort event.

/** Makes a signal look and tell as if its controller had aborted it. */
export function abortInner(signal: AbortSignal, reason: unknown): void {
  Object.defineProperties(signal, { aborted: { value: true }, reason: { value: reason } });
  signal.dispatchEvent(new Event("abort"));
}

let works: boolean | undefined;

/** Whether what follows a signal on this runtime believes {@link abortInner}: found out by trying. */
export function innerAbortWorks(): boolean {
  works ??= tryIt();
  return works;
}

function tryIt(): boolean {
  try {
    const request = new Request("http://localhost/");
    const before = new Request(request);
    abortInner(request.signal, new Error("a trial"));
    const after = new Request(request);
    return before.signal.aborted && after.signal.aborted;
  } catch {
    return false;
  }
}
