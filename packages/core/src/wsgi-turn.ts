// Gives the event loop a turn: I/O and timers get theirs before the callback does.
// Source: PEP 3333 "Buffering and Streaming" (every piece must be on its way before the next is asked for).

/** Calls back in a later turn of the event loop. */
export function nextTurn(callback: () => void): void {
  // Not everywhere there is a setImmediate; a timeout of 0 does the same, later.
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}
