import { openHandClock } from '../../test/harness/handClock.ts';
import { openHeldServer, type HeldServer } from '../../test/harness/heldServer.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import { OPEN_CALLER } from '../caller.ts';
import type { RequestState } from '../requestState.ts';
import { FetchSharing } from './shareFetch.ts';
import { ShortWaits } from './shortWaits.ts';
import { SubgraphLink, type FetchOutcome } from './subgraphLinks.ts';

const SETTINGS = {
  fetchTimeoutMs: 5_000,
  socketsMax: 20,
  fetchesWaitingMax: 20,
  answerBytesMax: 1_000,
  retries: 0,
  headers: ['x-tenant'],
  breaker: { failuresMax: 5, probeEveryMs: 1_000 },
} as const;

describe('equal fetches on their way', () => {
  let server: HeldServer;
  let link: SubgraphLink;
  let sharing: FetchSharing;
  let shared: number;
  const clock = openHandClock();

  beforeEach(async () => {
    server = await openHeldServer();
    shared = 0;
    link = openLink(server.url);
    sharing = new FetchSharing();
  });
  afterEach(async () => {
    await link.close();
    server.close();
  });

  function openLink(url: string): SubgraphLink {
    const observer = { ended: () => undefined, retried: () => undefined, shared: () => (shared += 1) };
    const signer = { secret: undefined, tenantId: 't' };
    return new SubgraphLink('a', url, SETTINGS, { signer, clock, observer, waits: new ShortWaits(clock) });
  }

  /** Sends a fetch; gives its outcome and what leaves it. */
  function send(body: string, more: Partial<RequestState> = {}, isMutation = false, waitMs = 10_000) {
    const { state } = callerAt(clock, more, waitMs);
    let leave = (): void => undefined;
    const outcome = new Promise<FetchOutcome>((done) => {
      leave = sharing.send(link, { subgraph: 'a', isMutation, body, asOf: '' }, state, done);
    });
    return { outcome, leave };
  }
  const textOf = async (sent: { outcome: Promise<FetchOutcome> }): Promise<string> => {
    const outcome = await sent.outcome;
    return 'text' in outcome ? outcome.text : outcome.code;
  };

  it('share one request, and everybody gets its answer', async () => {
    const sent = [send('{x}'), send('{x}'), send('{x}')];
    (await server.arrived(1)).answer('"one"');
    expect(await Promise.all(sent.map(textOf))).toEqual(['"one"', '"one"', '"one"']);
    expect([server.requests.length, shared]).toEqual([1, 2]);
  });

  it.each<[string, string, Partial<RequestState>]>([
    ['another body', '{y}', {}],
    ['other rights', '{x}', { caller: { ...OPEN_CALLER, rights: 'admin' } }],
    ['another header that is passed on', '{x}', { passed: { 'x-tenant': 'b' } }],
    [
      'a wish to see its costs',
      '{x}',
      { explanation: { plan: undefined, isPlanKnown: true, fetches: [], recalled: [], steps: [] } },
    ],
  ])('are not shared with %s', async (_, body, more) => {
    const sent = [send('{x}', { passed: { 'x-tenant': 'a' } }), send(body, { passed: { 'x-tenant': 'a' }, ...more })];
    await server.arrived(2);
    for (const request of server.requests) request.answer('1');
    await Promise.all(sent.map(textOf));
    expect(shared).toBe(0);
  });

  it('are shared by callers whose headers differ in what this subgraph does not get', async () => {
    const sent = [send('{x}', { passed: { other: 'a' } }), send('{x}', { passed: { other: 'b' } })];
    (await server.arrived(1)).answer('1');
    await Promise.all(sent.map(textOf));
    expect(shared).toBe(1);
  });

  it('are not shared with who has less time than a fetch may take', async () => {
    const sent = [send('{x}'), send('{x}', {}, false, 4_999)];
    await server.arrived(2);
    for (const request of server.requests) request.answer('1');
    await Promise.all(sent.map(textOf));
    expect(shared).toBe(0);
  });

  it('are parted by a mutation that is sent, and by its answer; mutations are each sent', async () => {
    const before = send('{x}');
    await server.arrived(1);
    const changes = [send('change', {}, true), send('change', {}, true)];
    await server.arrived(3);
    const during = send('{x}');
    await server.arrived(4);
    for (const request of server.requests.slice(1, 3)) request.answer('"changed"');
    await Promise.all(changes.map(textOf));
    const after = send('{x}');
    await server.arrived(5);
    server.requests.forEach((request, at) => [0, 3, 4].includes(at) && request.answer(String(at)));
    expect(await Promise.all([before, during, after].map(textOf))).toEqual(['0', '3', '4']);
    expect(shared).toBe(0);
  });

  it('go on for those who stay', async () => {
    const [gone, staying] = [send('{x}'), send('{x}')];
    const request = await server.arrived(1);
    gone.leave();
    gone.leave();
    expect(await textOf(gone)).toBe('SUBGRAPH_TIMEOUT');
    request.answer('"still"');
    expect(await textOf(staying)).toBe('"still"');
  });

  it('end when the last one leaves', async () => {
    const sent = [send('{x}'), send('{x}')];
    const request = await server.arrived(1);
    for (const { leave } of sent) leave();
    expect(await Promise.all(sent.map(textOf))).toEqual(['SUBGRAPH_TIMEOUT', 'SUBGRAPH_TIMEOUT']);
    await request.closed;
    expect(request.response.writableEnded).toBe(false);
  });

  it('are each sent where a new supergraph has given the subgraph another address', async () => {
    const old = link;
    const moved = await openHeldServer();
    const before = send('{x}');
    link = openLink(moved.url);
    const after = send('{x}');
    (await server.arrived(1)).answer('"old"');
    (await moved.arrived(1)).answer('"new"');
    expect(await Promise.all([before, after].map(textOf))).toEqual(['"old"', '"new"']);
    expect(shared).toBe(0);
    await old.close();
    moved.close();
  });

  it('are sent anew after everybody has left', async () => {
    const left = send('{x}');
    await server.arrived(1);
    left.leave();
    const next = send('{x}');
    (await server.arrived(2)).answer('"new"');
    expect(await textOf(next)).toBe('"new"');
  });
});
