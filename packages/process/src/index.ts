// @tsgi/process: what every server process does, whatever it speaks. No node:http here.

export { Activity } from "./activity.ts";
export { LISTEN_OPTIONS, listen, type Listening, type ListenWhere } from "./listen.ts";
export {
  LIFE_OPTIONS,
  gracePeriod,
  runServer,
  type RunningServer,
  type ServerLife,
  type ServerParts,
} from "./run-server.ts";
export type { Connections, Shutdown } from "./shutdown.ts";
export { endOnSignals, type Close, type SignalSource } from "./signals.ts";
export { fileSpool, type FileSpoolOptions } from "./spool.ts";
export { systemdFd, type SystemdEnvironment } from "./systemd.ts";
