// A server whose connections are read in place: what comes is put into one buffer, the same for all, and looked at there. The stream
// above a socket takes memory from the system for each piece, makes an ArrayBuffer and a Buffer of it, and has all three collected:
// a sixth of a short request.
// Sources: Node's `onread` of net.Socket; docs/decisions/009.

/* oxlint-disable no-underscore-dangle -- Node's own names */

// The global of this name is an accessor.
import { Buffer } from "node:buffer";
import { Server, Socket, type ServerOpts, type SocketConstructorOpts } from "node:net";

/** How much is read at once, in bytes: as much as Node would. */
const SIZE = 64 * 1024;

/** Takes what has come: `bytes[0]` up to, not including, `bytes[length]`, which are others when it has returned. */
export type Arrived = (bytes: Buffer, length: number) => void;

let shared: Buffer | null = null;

/** The connection a socket of Node's has, which only Node can open. */
interface ServerHandle {
  readonly useUserBuffer?: unknown;
}

interface HandleOwner {
  _handle?: ServerHandle | null;
}

/** What Socket takes beyond its types: `handle`, which a connection of a server is made of, and what every stream takes. */
interface TakenOver extends SocketConstructorOpts {
  readonly handle: ServerHandle;
  readonly writableHighWaterMark: number;
}

/** A connection that is read in place. */
export class InPlaceSocket extends Socket {
  /** Is told what comes. */
  arrived: Arrived = () => {};

  constructor(options: Omit<TakenOver, "onread">) {
    const buffer = (shared ??= Buffer.allocUnsafeSlow(SIZE));
    const callback = (length: number): boolean => {
      this.arrived(buffer, length);
      return true;
    };
    super({ ...options, onread: { buffer, callback } } as SocketConstructorOpts);
  }
}

/** A `net.Server` of such connections. Of a Node that has no handles of this kind, its connections are sockets like any other. */
export class InPlaceServer extends Server {
  constructor(options: ServerOpts, listener: (socket: Socket) => void) {
    super(options);
    this.on("connection", listener);
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const [socket] = values;
    if (event === "connection" && socket instanceof Socket) return super.emit(event, inPlace(socket));
    return super.emit(event, ...values);
  }
}

/** The same connection, read in place. The socket it was is closed when it is: the server counts its own. */
function inPlace(socket: Socket): Socket {
  const owner = socket as unknown as HandleOwner;
  const handle = owner._handle ?? null;
  if (typeof handle?.useUserBuffer !== "function") return socket;
  owner._handle = null;
  const { allowHalfOpen, writableHighWaterMark } = socket;
  const taken = new InPlaceSocket({ handle, allowHalfOpen, writableHighWaterMark });
  taken.on("close", () => socket.destroy());
  // Of a stream that nobody reads, nobody hears the end.
  taken.resume();
  return taken;
}
