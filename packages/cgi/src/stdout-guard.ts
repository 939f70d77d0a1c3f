// Keeps what an app prints out of the response: fd 1 is the web server's.
// Source: requirement C25; RFC 3875 §6.

/** From now on `console.log` and `process.stdout` write to stderr. Neither stream is made before somebody uses it: that takes milliseconds. */
export function guardStdout(): void {
  const stderr = { configurable: true, get: () => process.stderr };
  Object.defineProperty(process, "stdout", stderr);
  // Who has printed before has a console that holds the stream already.
  Object.defineProperty(console, "_stdout", stderr);
}
