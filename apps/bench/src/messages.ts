// What the processes of the bench say to each other over Node's IPC: one question, one answer, in turn.

/** Asked of a server process. `memory` is answered once the server has that many connections. */
export type ServerQuestion =
  | { readonly ask: "usage" }
  | { readonly ask: "memory"; readonly connections: number }
  | { readonly ask: "stop" };

/** Asked of the load generator's process. */
export type LoadQuestion =
  | { readonly ask: "open"; readonly port: number; readonly scenario: string; readonly connections: number }
  | { readonly ask: "run"; readonly requests: number; readonly limit: number }
  | { readonly ask: "still-open" }
  | { readonly ask: "close" }
  | { readonly ask: "stop" };

/** Anything asked. */
export type Question = ServerQuestion | LoadQuestion;

/** The first thing a server process says: the port of each endpoint, or null where the column has no such endpoint. */
export interface ServerReady {
  /** `process.version` without the v. */
  readonly node: string;
  /** The port of each endpoint that was asked for. */
  readonly ports: Readonly<Record<string, number | null>>;
}

/** CPU time of a server process since its start, in microseconds, all threads, as the operating system counts it. */
export interface CpuUsage {
  /** In the program. */
  readonly user: number;
  /** In the kernel, on its behalf. */
  readonly system: number;
  /** The most memory it ever had, in bytes; absent where it is another program's. */
  readonly peak?: number;
}

/** Memory of a server process in bytes, after a full garbage collection if it was started with `--expose-gc`. */
export interface MemoryUse {
  /** Objects in V8's heap, and the memory outside it that they hold. */
  readonly heap: number;
  /** What the process has of the machine's memory. */
  readonly rss: number;
}

/** An answer to any question. */
export type Answer = { readonly answer: unknown } | { readonly error: string };
