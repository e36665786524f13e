import { openLog } from '../../platform/log.ts';
import { openHandClock, type HandClock } from '../../test/harness/handClock.ts';
import { composeSchema, LINK } from '../../test/oracle/federatedSchema.ts';
import { isRefusal } from '../requestState.ts';
import { openPlannerClient, type PlannerClient } from './plannerClient.ts';

/** `best` is known to be a `Media` alone; what its price needs stands behind the interface. */
const SUBGRAPHS = {
  media: `${LINK}
    type Query { media: Media }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String }`,
  reviews: `${LINK}
    type Query { best: Media }
    type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
  sales: `${LINK}
    type Media @key(fields: "id") @interfaceObject {
      id: ID! title: String @external price: Int @requires(fields: "title") }`,
};
/** The planner is never done with this. */
const ENDLESS = '{best{...on Book{price}}}';
const SIMPLE = '{media{title}}';
const PLAN_TIMEOUT_MS = 1_000;

describe('the planner thread', () => {
  let sdl: string;
  let clock: HandClock;
  let client: PlannerClient;
  beforeAll(async () => {
    sdl = (await composeSchema({ name: 'planner-thread', subgraphs: SUBGRAPHS })).supergraph;
  });
  beforeEach(async () => {
    clock = openHandClock();
    const log = openLog('test', 'silent');
    client = openPlannerClient({ planTimeoutMs: PLAN_TIMEOUT_MS, plansWaitingMax: 2, clock, log });
    await client.load('one', sdl);
  });
  afterEach(() => client.close());

  /** The time is taken in two halves: a machine that stood still once has not used it up. */
  function passTimeout(): void {
    for (let half = 0; half < 2; half++) clock.pass(PLAN_TIMEOUT_MS / 2);
  }

  /** The plan's kind, or the code of the refusal. */
  async function plan(query: string, hash = 'one'): Promise<string | undefined> {
    const planned = await client.plan(hash, query, undefined);
    return isRefusal(planned) ? planned.refused : planned.node?.kind;
  }

  it('says of a supergraph what clients see and where its subgraphs are', async () => {
    const { apiSdl, subgraphs } = await client.load('two', sdl);
    expect([...subgraphs.keys()].sort()).toEqual(['media', 'reviews', 'sales']);
    expect(apiSdl).toContain('interface Media');
    expect(apiSdl).not.toContain('join__');
  });

  it('rejects a supergraph that cannot be served, and goes on with the one before', async () => {
    await expect(client.load('broken', 'type Query { a: Int }')).rejects.toThrow();
    expect([await plan(SIMPLE, 'broken'), await plan(SIMPLE)]).toEqual(['OPERATION_UNPLANNABLE', 'Fetch']);
  });

  it('is replaced when it is not done in time: the question is refused, those behind it are answered', async () => {
    const [stuck, behind, last] = [plan(ENDLESS), plan(SIMPLE), plan('{best{stars}}')];
    passTimeout();
    expect(await stuck).toBe('OPERATION_UNPLANNABLE');
    expect([await behind, await last]).toEqual(['Fetch', 'Fetch']);
    expect(clock.tasksWaiting).toBe(0);
  });

  it('goes on where the machine stood still for as long as planning may take', async () => {
    const stuck = plan(ENDLESS);
    let isSettled = false;
    void stuck.then(() => (isSettled = true));
    clock.pass(PLAN_TIMEOUT_MS);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isSettled).toBe(false);
    clock.pass(PLAN_TIMEOUT_MS / 2);
    expect(await stuck).toBe('OPERATION_UNPLANNABLE');
  });

  it('is replaced as often as it gets stuck', async () => {
    for (let count = 0; count < 2; count++) {
      const stuck = plan(ENDLESS);
      passTimeout();
      expect([await stuck, await plan(SIMPLE)]).toEqual(['OPERATION_UNPLANNABLE', 'Fetch']);
    }
  });

  it('takes no more questions than may wait, and says when to come again', async () => {
    const asked = [plan(SIMPLE), plan(SIMPLE), plan(SIMPLE)];
    expect(client.plansWaiting()).toBe(2);
    expect(await client.plan('one', SIMPLE, undefined)).toMatchObject({
      refused: 'OVERLOADED',
      headers: { 'retry-after': '1' },
    });
    expect(await Promise.all(asked)).toEqual(['Fetch', 'Fetch', 'Fetch']);
    expect([client.plansWaiting(), await plan(SIMPLE)]).toEqual([0, 'Fetch']);
  });

  it('refuses what it cannot plan, and goes on', async () => {
    expect([await plan('{nothing}'), await plan(SIMPLE)]).toEqual(['OPERATION_UNPLANNABLE', 'Fetch']);
  });

  it('plans nothing for a supergraph that is freed, nor after it was replaced', async () => {
    await client.load('two', sdl);
    expect(await plan(SIMPLE, 'two')).toBe('Fetch');
    client.free('two');
    expect([await plan(SIMPLE, 'two'), await plan(SIMPLE)]).toEqual(['OPERATION_UNPLANNABLE', 'Fetch']);
    const stuck = plan(ENDLESS);
    passTimeout();
    await stuck;
    expect([await plan(SIMPLE, 'two'), await plan(SIMPLE)]).toEqual(['OPERATION_UNPLANNABLE', 'Fetch']);
  });
});
