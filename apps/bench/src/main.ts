// The bench's command: see --help, and the README of apps/bench.
import { runBench } from "./bench.ts";
import { HELP, parseOptions, UsageError } from "./options.ts";

// Whoever reads the table (`| head`) may have enough of it; the processes started here end with this one.
process.stdout.on("error", () => process.exit(1));

try {
  process.exitCode = await runBench(parseOptions(process.argv.slice(2)), {
    out: (text) => process.stdout.write(text),
    progress: progressLine(),
  });
} catch (error) {
  process.stderr.write(
    error instanceof UsageError ? `${error.message}\n\n${HELP}` : `${(error as Error).stack}\n`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** On a terminal one line that is written over and over, and wiped by an empty text; elsewhere nothing. */
function progressLine(): (text: string) => void {
  if (!process.stderr.isTTY) return () => {};
  return (text) => process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
}
