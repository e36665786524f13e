// Who speaks on a socket while that closes, and how many sockets a caller has: the session alone, beneath it a socket
// that notes how it was closed.
import { EventEmitter } from 'node:events';
import { systemClock } from '../../../platform/clock.ts';
import type { Caller } from '../../caller.ts';
import { NOBODY } from '../../identify/keyCaller.ts';
import { StreamPlaces } from '../streamPlaces.ts';
import type { SocketParts } from './socketParts.ts';
import { SocketSession } from './socketSession.ts';

const CALLER: Caller = { ...NOBODY, kind: 'key', id: 'key:a' };

class NotedSocket extends EventEmitter {
  readonly closes: string[] = [];
  readonly bufferedAmount = 0;
  close(code: number, reason: string): void {
    this.closes.push(`${code} ${reason}`);
  }
  terminate(): void {
    this.closes.push('terminated');
  }
}

function openSession(places: StreamPlaces, identify: SocketParts['identify'] = () => CALLER) {
  const socket = new NotedSocket();
  const watched = new Set<() => void>();
  const parts = {
    identify,
    onCallerEnded: (_caller: Caller, _address: unknown, listener: () => void) => {
      watched.add(listener);
      return () => watched.delete(listener);
    },
    observer: { refused: () => undefined },
    clock: { ...systemClock, after: () => () => undefined, steadyMs: () => 0 },
  };
  const request = { rawHeaders: [], url: '/graphql', headers: {}, socket: { remoteAddress: '127.0.0.1' } };
  const session = new SocketSession(socket as never, request as never, parts as never, places);
  return { session, socket, watched };
}

describe('a session on a WebSocket', () => {
  it('hears nothing more once it closes, however long the client leaves the socket open', async () => {
    const { session, socket } = openSession(new StreamPlaces({ perCallerMax: 1, max: 1 }));
    expect(await session.identify({})).toBe(true);
    expect(session.admits('{"type":"ping"}')).toBe(true);
    session.close(4403, 'API_KEY_REVOKED');
    expect(session.admits('{"type":"subscribe"}')).toBe(false);
    expect(socket.closes).toEqual(['4403 API_KEY_REVOKED']);
  });

  it('closes a socket more than a caller may have, and lets the next one in when one is gone', async () => {
    const places = new StreamPlaces({ perCallerMax: 1, max: 10 });
    const first = openSession(places);
    const second = openSession(places);
    expect(await first.session.identify({})).toBe(true);
    expect(await second.session.identify({})).toBe(false);
    expect(second.socket.closes).toEqual(['1008 RATE_LIMITED']);
    first.session.ended();
    expect(await openSession(places).session.identify({})).toBe(true);
  });

  it('holds nothing for a client that left before it was known', async () => {
    const places = new StreamPlaces({ perCallerMax: 1, max: 10 });
    const known = Promise.withResolvers<Caller>();
    const { session, watched } = openSession(places, () => known.promise);
    const identified = session.identify({});
    session.ended();
    known.resolve(CALLER);
    expect(await identified).toBe(false);
    expect([watched.size, places.size]).toEqual([0, 0]);
  });
});
