// A request may ask for its plan and costs where that is allowed, and the command draws them as a tree.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveSubgraphSecret, proofKey, readProof } from '../../../contracts/gatewayProof.ts';
import type { AnsweredExplanation } from '../../../gateway/plan/explain.ts';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';
import { runProcess } from '../../harness/startProcess.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const QUERY = 'query Q($id: ID!) { customer(id: $id) { displayName orders(first: 2) { number } } }';
const COMMANDS = { databaseCommands: [{ command: 'find', collection: 'customers', ms: 1.5 }] };

describe('an explanation', () => {
  let gateway: TestGateway;
  let folder: string;

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CRM_EXPLAIN_ALLOWED: 'true', CRM_PROOF_SECRET: SECRET } });
    gateway.subgraphs.customers.extensions = COMMANDS;
    folder = await mkdtemp(join(tmpdir(), 'crm-explain-'));
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds the plan, each fetch as it went, and the subgraphs’ database commands', async () => {
    const answer = await gateway.query(QUERY, { id: 'c1' }, { 'crm-explain': '1' });
    const { explain } = answer.extensions as { explain: { fetches: object[]; plan: object; totals: object } };
    expect(explain.plan).toMatchObject({
      kind: 'sequence',
      nodes: [
        { kind: 'fetch', subgraph: 'customers', path: [] },
        { kind: 'fetch', subgraph: 'orders', path: ['customer'] },
      ],
    });
    expect(explain.fetches).toMatchObject([
      { subgraph: 'customers', representations: 0, databaseCommands: COMMANDS.databaseCommands },
      { subgraph: 'orders', path: ['customer'], representations: 1, databaseCommands: [] },
    ]);
    expect(explain.totals).toMatchObject({ fetches: 2, requests: 2, databaseCommands: 1 });
  });

  it('tells how long each step took, whether the plan was known, and what is left between the steps', async () => {
    const query = QUERY.replace('query Q', 'query Steps');
    const planKnown = [];
    for (let time = 0; time < 2; time++) {
      const answer = await gateway.query(query, { id: 'c1' }, { 'crm-explain': '1' });
      const { explain } = answer.extensions as { explain: AnsweredExplanation };
      const steps = ['receive', 'identify', 'admit', 'wait', 'authorize', 'plan', 'fetch', 'respond'];
      expect(explain.steps.map(({ step }) => step)).toEqual(steps);
      const { restMs, waitedMs, ms } = explain.totals;
      expect(explain.steps.reduce((sum, step) => sum + step.ms, restMs)).toBeCloseTo(ms, 5);
      expect(waitedMs).toBeGreaterThan(0);
      planKnown.push(explain.planKnown);
    }
    expect(planKnown).toEqual([false, true]);
  });

  it('shows which fetches travelled in one request', async () => {
    const query = `{ customer(id: "c1") { orders(first: 1) { number } }
      customers(first: 1) { orders(first: 2) { number } } }`;
    const answer = await gateway.query(query, {}, { 'crm-explain': '1' });
    const { explain } = answer.extensions as { explain: AnsweredExplanation };
    const asked = explain.fetches.filter(({ joinedTo }) => joinedTo !== undefined);
    expect(asked.map(({ subgraph, bytes }) => [subgraph, bytes])).toEqual([['orders', 0]]);
    expect(explain.totals.fetches - explain.totals.requests).toBe(1);
    const file = join(folder, 'joined.graphql');
    await writeFile(file, query);
    const { output } = await runProcess(['cli/main.ts', 'explain', file, '--url', `${gateway.url}/graphql`]);
    const [, request] = /fetch orders at \S+ {2}with request (\d), 1 entity/.exec(output) ?? [];
    expect(output).toMatch(new RegExp(`fetch orders at \\S+ {2}request ${String(request)}: `));
  });

  it('is asked of the subgraphs in the signed statement, and only then', async () => {
    const { asked } = gateway.subgraphs.customers;
    for (const headers of [{ 'crm-explain': '1' }, undefined]) {
      asked.length = 0;
      await gateway.query(QUERY, { id: 'c1' }, headers);
      const [request] = asked;
      const keys = [proofKey(deriveSubgraphSecret(SECRET, 'customers'))];
      const check = { keys, subgraph: 'customers', nowMs: Date.now() };
      const head = readProof(check, String(request?.headers['crm-gateway-proof']));
      expect(head?.statement.explain).toBe(headers !== undefined);
    }
  });

  it('is not given to who does not ask, whatever subgraphs say', async () => {
    const answer = await gateway.query(QUERY, { id: 'c1' });
    expect(answer.extensions).toBeUndefined();
    expect(answer.text).not.toContain('databaseCommands');
  });

  it('is printed by the command as a tree, with variables from the file beside the query', async () => {
    const file = join(folder, 'whole.graphql');
    await writeFile(file, QUERY);
    await writeFile(join(folder, 'whole.variables.json'), '{"id":"c1"}');
    const { code, output } = await runProcess(['cli/main.ts', 'explain', file, '--url', `${gateway.url}/graphql`]);
    expect(output).toMatch(
      /^sequence\n├─ fetch customers {2}.*1 database command\n│ {2}└─ find customers {2}1\.5 ms\n└─ fetch orders at customer/,
    );
    expect(output).toMatch(/\n {2}plan +[\d.]+ ms {2}(known before|validated and planned now)\n/);
    expect(output).toMatch(/\n {2}fetch +[\d.]+ ms {2}[\d.]+ ms for subgraphs to answer, [\d.]+ ms own work\n/);
    expect(output).toMatch(/total: 2 fetches in 2 requests, 1 database command, \d+ bytes, [\d.]+ ms\n$/);
    expect(code).toBe(0);
  });

  it('names what is wrong and ends with code 1', async () => {
    const url = `${gateway.url}/graphql`;
    const missing = await runProcess(['cli/main.ts', 'explain', join(folder, 'none.graphql'), '--url', url]);
    expect([missing.code, missing.output]).toEqual([1, expect.stringContaining('does not exist')]);
    const file = join(folder, 'bad.graphql');
    await writeFile(file, '{ nothing }');
    const bad = await runProcess(['cli/main.ts', 'explain', file, '--url', url]);
    expect([bad.code, bad.output]).toEqual([1, expect.stringContaining('Cannot query field "nothing"')]);
    const away = await runProcess(['cli/main.ts', 'explain', file, '--url', 'http://127.0.0.1:1/graphql']);
    expect([away.code, away.output]).toEqual([1, expect.stringContaining('npm start')]);
  });
});
