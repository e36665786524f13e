// A new supergraph takes the old one's place under load without a wrong or failed answer; a bad one stays out, and the
// old one goes on (reliability.md, R1, R2).
import { writeFile } from 'node:fs/promises';
import { FIXTURE_SCHEMAS } from '../harness/fixtureSchemas.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const WITH_MOTTO = FIXTURE_SCHEMAS.marketing.replace('type Query {', 'type Query { motto: String');

describe('a new supergraph', () => {
  let gateway: TestGateway;
  const hash = async (): Promise<unknown> => ((await gateway.health()).body['supergraph'] as { hash: string }).hash;
  const refused = async (): Promise<unknown> => (await gateway.health()).body['refusedSupergraph'];

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('is taken again and again under load, and no answer is wrong', async () => {
    let stop = false;
    let answered = 0;
    const load = Array.from({ length: 6 }, async () => {
      while (!stop) {
        const answer = await gateway.query('{ customers(first: 3) { displayName orders(first: 1) { number } } }');
        if (answer.errors.length > 0 || (answer.data?.['customers'] as unknown[]).length !== 3) {
          throw new Error(answer.text);
        }
        answered++;
      }
    });
    for (let swap = 0; swap < 6; swap++) {
      const before = await hash();
      await gateway.publish(swap % 2 === 0 ? { marketing: WITH_MOTTO } : {});
      await waitUntil(async () => (await hash()) !== before);
    }
    stop = true;
    await Promise.all(load);
    expect(answered).toBeGreaterThan(6);
  });

  it('makes its new fields known, and no longer knows those it lacks', async () => {
    await gateway.publish({ marketing: WITH_MOTTO });
    await waitUntil(async () => (await gateway.query('{ motto }')).status === 200);
    await gateway.publish({});
    const gone = await waitUntil(async () => {
      const answer = await gateway.query('{ motto }');
      return answer.status === 400 ? answer : undefined;
    });
    expect(gone.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(gone.text).toContain('motto');
  });

  it('leaves requests that began on the old one undisturbed', async () => {
    const { orders } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise((resolve) => (release = resolve));
    orders.asked.length = 0;
    const waiting = gateway.query('{ orders(first: 1) { number customer { email } } }');
    await waitUntil(() => orders.asked.length === 1);
    const before = await hash();
    await gateway.publish({ marketing: WITH_MOTTO });
    await waitUntil(async () => (await hash()) !== before);
    release();
    expect((await waiting).data).toEqual({ orders: [{ number: 'N-1', customer: { email: 'c1@example.com' } }] });
  });

  it.each([
    ['no GraphQL', 'this is no schema'],
    ['an empty file', ''],
    ['half a file', 'schema @link(url: "https://specs.apollo.dev/link/v1.0") { query: Query } type Query { a'],
    ['a schema that is no supergraph', 'type Query { a: Int }'],
  ])('that is %s is refused, shown, and the old one goes on', async (_, text) => {
    await gateway.publish({});
    await waitUntil(async () => (await refused()) === null);
    const before = await hash();
    await writeFile(gateway.supergraphPath, text);
    const shown = await waitUntil(refused);
    expect(shown).toMatchObject({ reason: expect.any(String) as string });
    const { status, body } = await gateway.health();
    expect([status, body['ready'], await hash()]).toEqual([200, true, before]);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
    expect(gateway.process.output()).toContain('supergraph refused');
  });
});
