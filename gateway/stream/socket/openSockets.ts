// Opens what accepts WebSockets when the first one is asked for: its libraries take as long to load as an eighth of a cold
// start, and most gateways are asked over HTTP alone.
import type { SocketParts } from './socketParts.ts';
import type { Sockets } from './acceptSockets.ts';

/** Gives what takes requests for sockets; the first one waits until what answers it is loaded. */
export function openSockets(parts: SocketParts): Sockets {
  let opening: Promise<Sockets> | undefined;
  const open = async (): Promise<Sockets> => {
    const { acceptSockets } = await import('./acceptSockets.ts');
    return acceptSockets(parts);
  };
  return {
    upgrade(request, socket, head) {
      // Until then nobody reads from the socket, so nothing of it is lost.
      const drop = (): void => void socket.destroy();
      socket.once('error', drop);
      opening ??= open();
      opening.then(
        (sockets) => sockets.upgrade(request, socket, head),
        (error: unknown) => {
          parts.log.error({ err: error }, 'fault');
          drop();
        },
      );
    },
    stop() {
      void opening?.then((sockets) => sockets.stop());
    },
  };
}
