// A resolver that throws, rejects, or leaves a rejected promise behind: the request fails with INTERNAL where it can,
// the process lives, says so in its log, and the others' requests are answered.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawSecret } from '../../platform/random.ts';
import { FIXTURE_SCHEMAS } from '../harness/fixtureSchemas.ts';
import { startProcess, waitUntil, type StartedProcess } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const SCHEMA = FIXTURE_SCHEMAS.marketing.replace(
  'type Query {',
  'type Query { fine: String rejects: String throws: String leaves: String',
);

describe('P7: a resolver that fails', () => {
  let folder: string;
  let subgraph: StartedProcess;
  let gateway: TestGateway;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-rejects-'));
    const schemaFile = join(folder, 'marketing.graphql');
    await writeFile(schemaFile, SCHEMA);
    const env = { CRM_PROOF_SECRET: drawSecret(32) };
    subgraph = await startProcess(['test/harness/rejectingSubgraph.ts', 'marketing', schemaFile], env);
    gateway = await startTestGateway({ env, addresses: { marketing: subgraph.ready } });
    await gateway.publish({ marketing: SCHEMA });
    await waitUntil(async () => (await gateway.query('{ fine }')).data?.['fine'] === 'fine');
  });
  afterAll(async () => {
    await gateway.stop();
    await subgraph.stop();
    await rm(folder, { recursive: true });
  });

  it.each(['rejects', 'throws'])(
    'because it %s fails its own field with INTERNAL and says nothing inner',
    async (field) => {
      const answer = await gateway.query(`{ ${field} fine }`);
      expect(answer.data).toEqual({ [field]: null, fine: 'fine' });
      expect(answer.errors.map(({ path }) => path)).toEqual([[field]]);
      expect(['INTERNAL', 'SUBGRAPH_BAD_ANSWER']).toContain(answer.codes[0]);
      expect(answer.text).not.toMatch(/secret|rejectingSubgraph|stack/);
      const requestId = answer.headers.get('x-request-id');
      const line = await waitUntil(() => gateway.requestLines().find((found) => found['requestId'] === requestId));
      expect(JSON.stringify(line)).toContain('INTERNAL');
    },
  );

  it('because it leaves a rejected promise behind does not end the process, which tells of it in its log', async () => {
    const before = subgraph.output().split('unhandled rejection').length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => gateway.query('{ leaves fine }')));
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ leaves: 'left', fine: 'fine' })));
    await waitUntil(() => subgraph.output().split('unhandled rejection').length > before);
    expect(subgraph.child.exitCode).toBeNull();
    expect((await gateway.query('{ fine }')).errors).toEqual([]);
  });
});
