// A gateway with a heap of 256 MB and more asked of it than fits: it sheds before it dies, and is itself again after.
import { startLiarSubgraph, type LiarSubgraph } from '../harness/liarSubgraph.ts';
import { startProcess, waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

/** Three megabytes an answer: together more than three times the heap. */
const AT_ONCE = 300;
const QUERY = '{ customers(first: 1) { displayName } }';

describe('P5: a gateway that has 256 MB of heap', () => {
  let liar: LiarSubgraph;
  let gateway: TestGateway;

  beforeAll(async () => {
    liar = await startLiarSubgraph('long customers');
    gateway = await startTestGateway({
      addresses: { customers: liar.url },
      env: { NODE_OPTIONS: '--max-old-space-size=256' },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await liar.stop();
  });

  it('answers or refuses each of many long requests, lives, and answers normally afterwards', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        gateway.query(QUERY).then(
          ({ status, codes }) => `${status} ${codes.join(' ')}`.trim(),
          (error: unknown) => String(error),
        ),
      ),
    );
    const unmeant = outcomes.filter(
      (outcome) => !/^(200( SUBGRAPH_(BUSY|TIMEOUT))?|503 OVERLOADED|504 DEADLINE_EXCEEDED)$/.test(outcome),
    );
    expect(new Set(unmeant)).toEqual(new Set());
    expect(outcomes).toContain('200');
    expect(gateway.process.child.exitCode).toBeNull();
    await waitUntil(async () => (await gateway.query(QUERY)).status === 200, 5_000);
  }, 120_000);

  it('starts again within five seconds where it was killed all the same', async () => {
    expect(await gateway.process.stop('SIGKILL')).toBeNull();
    const words = [
      'gateway/main.ts',
      '--access',
      'open',
      '--supergraph',
      gateway.supergraphPath,
      '--port',
      new URL(gateway.url).port,
    ];
    const startMs = performance.now();
    const again = await startProcess([...words, '--subgraph', `customers=${liar.url}`]);
    const ms = performance.now() - startMs;
    const answer = await gateway.query(QUERY);
    await again.stop();
    expect([answer.status, ms < 5_000]).toEqual([200, true]);
  });
});
