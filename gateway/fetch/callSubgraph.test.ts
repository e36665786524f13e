import { openHandClock, type HandClock } from '../../test/harness/handClock.ts';
import { openHeldServer, type HeldServer } from '../../test/harness/heldServer.ts';
import { openCaller, type CallAnswer, type CallFailure, type SubgraphCaller } from './callSubgraph.ts';

const BYTES_MAX = 1_000;
type Outcome = CallAnswer | CallFailure;

describe('a call to a subgraph', () => {
  let server: HeldServer;
  let caller: SubgraphCaller;
  let clock: HandClock;
  let connections: number;

  beforeEach(async () => {
    clock = openHandClock();
    server = await openHeldServer();
    caller = openCaller(server.url, { socketsMax: 4, answerBytesMax: BYTES_MAX }, clock, () => connections++);
    connections = 0;
  });
  afterEach(async () => {
    await caller.close();
    server.close();
  });

  /** Sends a call; gives its outcome, how often one was told, and what cancels it. */
  function call(isAgain = false) {
    const told: Outcome[] = [];
    let cancel = (): void => undefined;
    const outcome = new Promise<Outcome>((resolve) => {
      const done = (given: Outcome): void => {
        told.push(given);
        resolve(given);
      };
      cancel = caller.call({ body: '{"query":"{x}"}', headers: { 'x-own': '1' }, timeoutMs: 500 }, done, isAgain);
    });
    return { outcome, told, cancel: () => cancel() };
  }

  /** The outcome of a call that is answered so. */
  async function answered(status: number, headers: Record<string, string>, body: string | Buffer = '{}') {
    const { outcome } = call();
    const { response } = await server.arrived(1);
    response.writeHead(status, headers).end(body);
    return outcome;
  }

  it('brings its body and headers, and gives the text and its size in bytes', async () => {
    const { outcome, told } = call();
    const request = await server.arrived(1);
    expect([request.body, request.headers['x-own'], request.headers['content-type']]).toEqual([
      '{"query":"{x}"}',
      '1',
      'application/json',
    ]);
    request.answer('{"data":"ü"}');
    expect(await outcome).toEqual({ text: '{"data":"ü"}', bytes: 13 });
    expect([told.length, clock.tasksWaiting]).toEqual([1, 0]);
  });

  it('says that it has a connection before it is answered', async () => {
    const { outcome, told } = call();
    const request = await server.arrived(1);
    expect([connections, told]).toEqual([1, []]);
    request.answer('{}');
    await outcome;
  });

  const JSON_TYPE = { 'content-type': 'application/json' };
  it.each<[number, Record<string, string>]>([
    [200, JSON_TYPE],
    [500, { 'content-type': 'application/json; charset=UTF-8' }],
    [400, { 'content-type': 'Application/graphql-response+json' }],
  ])('reads an answer with status %i and %j', async (status, headers) => {
    expect(await answered(status, headers)).toEqual({ text: '{}', bytes: 2 });
  });

  it.each<[CallFailure['failed'], number, Record<string, string>]>([
    ['refused', 302, { ...JSON_TYPE, location: 'http://127.0.0.1:1/' }],
    ['refused', 401, JSON_TYPE],
    ['refused', 404, { ...JSON_TYPE, 'retry-after': '2' }],
    ['refused', 503, JSON_TYPE],
    ['refused', 429, { ...JSON_TYPE, 'retry-after': 'soon' }],
    ['pause', 503, { 'retry-after': '2' }],
    ['pause', 429, { ...JSON_TYPE, 'retry-after': '2' }],
    ['bad-answer', 200, { 'content-type': 'text/html' }],
    ['bad-answer', 200, {}],
    ['bad-answer', 200, { 'content-type': 'application/jsonp' }],
    ['bad-answer', 200, { 'content-type': 'application/json; charset=latin1' }],
    ['bad-answer', 200, { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('is told "%s" for status %i with %j', async (failed, status, headers) => {
    const outcome = await answered(status, headers);
    expect(outcome).toMatchObject({ failed, answered: true, sent: failed === 'bad-answer' });
    expect('pauseMs' in outcome ? outcome.pauseMs : undefined).toBe(failed === 'pause' ? 2_000 : undefined);
  });

  it('takes an answer as large as it may be, and none that says it is larger', async () => {
    expect(await answered(200, JSON_TYPE, 'x'.repeat(BYTES_MAX))).toMatchObject({ bytes: BYTES_MAX });
    const { outcome } = call();
    const { response, closed } = await server.arrived(2);
    response.writeHead(200, { ...JSON_TYPE, 'content-length': String(BYTES_MAX + 1) });
    response.flushHeaders();
    expect(await outcome).toMatchObject({ failed: 'bad-answer', detail: `more than ${BYTES_MAX} bytes` });
    await closed;
  });

  it('ends an answer that turns out to be larger, and hangs up', async () => {
    const { outcome } = call();
    const { response, closed } = await server.arrived(1);
    response.writeHead(200, JSON_TYPE);
    response.write('x'.repeat(BYTES_MAX));
    response.write('x');
    expect(await outcome).toMatchObject({ failed: 'bad-answer', detail: `more than ${BYTES_MAX} bytes` });
    await closed;
    expect(response.writableEnded).toBe(false);
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect(await answered(200, JSON_TYPE, Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ failed: 'bad-answer' });
  });

  it('reads a letter whose bytes come in two pieces', async () => {
    const { outcome } = call();
    const { response } = await server.arrived(1);
    const bytes = Buffer.from('"ü"');
    response.writeHead(200, JSON_TYPE).write(bytes.subarray(0, 2), () => response.end(bytes.subarray(2)));
    expect(await outcome).toEqual({ text: '"ü"', bytes: 4 });
  });

  it('ends when its time is over, and hangs up', async () => {
    const { outcome, told } = call();
    const { closed } = await server.arrived(1);
    clock.pass(499);
    expect(told).toEqual([]);
    clock.pass(1);
    expect(await outcome).toMatchObject({ failed: 'timeout', sent: true, answered: false });
    await closed;
  });

  it('ends when its time is over, though the answer has begun', async () => {
    const { outcome } = call();
    const { response, closed } = await server.arrived(1);
    response.writeHead(200, JSON_TYPE).write('{');
    clock.pass(500);
    expect(await outcome).toMatchObject({ failed: 'timeout', sent: true });
    await closed;
  });

  it('is told once when nobody waits for it any more, and hangs up', async () => {
    const { outcome, told, cancel } = call();
    const { closed } = await server.arrived(1);
    cancel();
    cancel();
    expect(await outcome).toMatchObject({ failed: 'client-gone' });
    await closed;
    clock.pass(1_000);
    expect(told).toHaveLength(1);
  });

  it('is never sent when it is cancelled before there is a connection for it', async () => {
    const first = [call(), call(), call(), call()];
    await server.arrived(4);
    const waiting = call();
    waiting.cancel();
    expect(await waiting.outcome).toMatchObject({ failed: 'client-gone' });
    for (const request of server.requests) request.answer('1');
    await Promise.all(first.map(({ outcome }) => outcome));
    const last = call();
    (await server.arrived(5)).answer('2');
    expect(await last.outcome).toMatchObject({ text: '2' });
    expect(server.requests).toHaveLength(5);
  });

  it('says that it may have been acted on when the connection breaks, and that it was not when there is none', async () => {
    const broken = call();
    (await server.arrived(1)).response.socket?.destroy();
    expect(await broken.outcome).toMatchObject({ failed: 'broken', sent: true, answered: false });
    server.close();
    expect(await call().outcome).toMatchObject({ failed: 'no-connection', sent: false, answered: false });
  });

  it('uses connections again, and takes a new one for a second attempt', async () => {
    const ports: (number | undefined)[] = [];
    for (const isAgain of [false, false, false, false, false, false, true]) {
      const { outcome } = call(isAgain);
      const request = await server.arrived(ports.length + 1);
      ports.push(request.fromPort);
      request.answer('{}');
      await outcome;
    }
    const again = ports.pop();
    // A call that is sent in the very turn in which another ended does not find that one's connection free yet.
    expect(new Set(ports).size).toBeLessThanOrEqual(2);
    expect(ports).not.toContain(again);
  });
});
