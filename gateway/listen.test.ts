// The socket side by itself, over HTTP: what is told of a client that left, and a head that comes again.
import { once } from 'node:events';
import { connect } from 'node:net';
import { systemClock } from '../platform/clock.ts';
import { openLog } from '../platform/log.ts';
import { listen, type ListenSettings } from './listen.ts';
import { PASSING_TRACER } from './observe/requestTrace.ts';
import { encodeBody } from './respond/status.ts';

type Answer = ListenSettings['answer'];

async function open(answer: Answer) {
  const listener = await listen({
    ...{ host: '127.0.0.1', port: 0, portShared: false, requestTimeoutMs: 5_000, explainAllowed: false },
    ...{ passedNames: [], tracer: PASSING_TRACER, clock: systemClock, log: openLog('test', 'silent'), answer },
    upgrade: (_request, socket) => socket.destroy(),
  });
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return { listener, socket };
}

const request = (headers: string, path = '/graphql'): string =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\n${headers}content-length: 0\r\n\r\n`;

describe('the socket side of the gateway', () => {
  it('lets a stream give its place back whose client left while it was admitted', async () => {
    const live = Promise.withResolvers<boolean>();
    const { listener, socket } = await open((incoming, _state, done) => {
      incoming.socket.once('close', () =>
        done({ status: 200, headers: {}, body: encodeBody(''), live: (response) => live.resolve(response.destroyed) }),
      );
      socket.destroy();
    });
    socket.write(request(''));
    expect(await live.promise).toBe(true);
    await listener.drain(1_000);
  });

  it('reads each head by itself, also behind an equal one and one that is nearly equal', async () => {
    const seen: (string | undefined)[] = [];
    const { listener, socket } = await open((incoming, _state, done) => {
      seen.push(incoming.headers.authorization);
      done({ status: 200, headers: {}, body: encodeBody('{}') });
    });
    const heads = ['a', 'a', 'b', 'a', '', 'ab', 'b'].map((text) => (text === '' ? '' : `authorization: ${text}\r\n`));
    for (const head of heads) {
      socket.write(request(head));
      await once(socket, 'data');
    }
    expect(seen).toEqual(['a', 'a', 'b', 'a', undefined, 'ab', 'b']);
    socket.destroy();
    await listener.drain(1_000);
  });
});
