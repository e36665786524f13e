// Guarantee: a request is validated, planned, fetched and answered by one supergraph. When another takes its place in
//   between, the request ends on the one it began with.
// Attack: operations that each are new, so that each is planned, sent while the supergraph is swapped again and again for
//   one that lacks their field; one that is held between its two fetches while that happens.
// Learned from: reliability.md, R4; a gateway that validates with one schema and plans with the next asks subgraphs for
//   what they do not have, or shows what was just taken away. 500 swaps under load: test/faults/supergraphSwaps.test.ts.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSupergraph } from '../../registry/watch.ts';
import { FIXTURE_SCHEMAS } from '../harness/fixtureSchemas.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { composeFixture, startTestGateway, type ClientAnswer, type TestGateway } from '../harness/testGateway.ts';

const SWAPS = 12;
const WITHOUT_EMAIL = FIXTURE_SCHEMAS.customers.replace('email: String', '');
const hashOf = (sdl: string): string => createHash('sha256').update(sdl).digest('hex').slice(0, 16);

describe('G8: a supergraph that is swapped under a request', () => {
  let folder: string;
  let gateway: TestGateway;
  let whole: string;
  let narrow: string;
  const publish = async (sdl: string): Promise<void> => {
    await writeSupergraph(gateway.supergraphPath, sdl);
    await waitUntil(async () => {
      const { supergraph } = (await gateway.health()).body as { supergraph: { hash: string } };
      return supergraph.hash === hashOf(sdl);
    });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-g8-'));
    [whole, narrow] = [await composeFixture(folder, {}), await composeFixture(folder, { customers: WITHOUT_EMAIL })];
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true });
  });

  it('answers each wholly by the one or wholly by the other', async () => {
    let isOver = false;
    let asked = 0;
    const answers: ClientAnswer[] = [];
    const askOn = async (): Promise<void> => {
      while (!isOver) {
        const name = `Q${asked++}`;
        answers.push(await gateway.query(`query ${name} { orders(first: 2) { number customer { email score } } }`));
      }
    };
    const askers = [askOn(), askOn()];
    for (let swap = 0; swap < SWAPS; swap++) await publish(swap % 2 === 0 ? narrow : whole);
    isOver = true;
    await Promise.all(askers);
    const orders = [1, 2].map((at) => ({ number: `N-${at}`, customer: { email: `c${at}@example.com`, score: 7 } }));
    const kinds = { whole: 0, refused: 0 };
    for (const { status, data, errors, codes } of answers) {
      if (status === 200) {
        expect([data, errors]).toEqual([{ orders }, []]);
        kinds.whole++;
      } else {
        expect([status, codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
        kinds.refused++;
      }
    }
    expect(Math.min(kinds.whole, kinds.refused)).toBeGreaterThan(0);
  });

  it('ends on the one it began with, while new requests are refused by the new one', async () => {
    await publish(whole);
    const { orders } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise<void>((resolve) => (release = resolve));
    const before = orders.asked.length;
    const began = gateway.query('query Held { orders(first: 1) { number customer { email } } }');
    await waitUntil(() => orders.asked.length > before);
    await publish(narrow);
    const late = await gateway.query('query Held { orders(first: 1) { number customer { email } } }');
    release();
    expect([late.status, late.codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
    const { data, errors } = await began;
    expect([data, errors]).toEqual([{ orders: [{ number: 'N-1', customer: { email: 'c1@example.com' } }] }, []]);
  });
});
