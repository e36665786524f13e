// A federated schema, brought up twice: as subgraphs behind a real gateway process, and as one process to compare with.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../harness/startProcess.ts';
import { answerAlone, type ClientOperation } from './answerAlone.ts';
import { compareAnswers, type ComparedAnswer } from './compareAnswers.ts';
import { composeSchema, type ComposedSchema, type FederatedSchema } from './federatedSchema.ts';
import { readSubgraph } from './readSubgraph.ts';
import { serveSubgraphs, type AskedFetch } from './serveSubgraphs.ts';
import { World, type Conditions } from './world.ts';

/** Both answers to one operation. */
export interface BothAnswers {
  readonly expected: ComparedAnswer;
  readonly given: ComparedAnswer;
  readonly status: number;
  /** What differs; undefined where nothing does. */
  readonly difference: string | undefined;
}

/** An operation with its text. */
export interface SentOperation extends ClientOperation {
  readonly text: string;
}

/** A graph that answers twice. */
export interface OracleGraph {
  readonly schema: ComposedSchema;
  readonly url: string;
  /** What the subgraphs were asked since the last `ask`. */
  readonly asked: AskedFetch[];
  ask(operation: SentOperation, conditions: Conditions): Promise<BothAnswers>;
  /** Everything that the gateway wrote. */
  output(): string;
  stop(): Promise<void>;
}

const ATTEMPTS_MAX = 100;
const ANSWER_WITHIN_MS = 15_000;

/** The settings that a gateway under test gets. */
const SETTINGS = { CRM_INTROSPECTION_ALLOWED: 'true', CRM_LOG_LEVEL: 'warn' };

/** A busy machine makes a gateway shed load: that says nothing about its answers, so it is asked again. */
async function send(url: string, operation: SentOperation): Promise<Response | undefined> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: operation.text, variables: operation.variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch(() => undefined);
    if (response?.status !== 503 || attempt >= ATTEMPTS_MAX) return response;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Takes a schema; gives it composed, with its subgraphs and a gateway running. */
export async function startOracleGraph(
  federated: FederatedSchema,
  env: Readonly<Record<string, string>> = {},
): Promise<OracleGraph> {
  const schema = await composeSchema(federated);
  const read = () => Object.entries(schema.subgraphs).map(([name, sdl]) => readSubgraph(name, sdl));
  const alone = new World(read(), schema.api);
  const subgraphs = read();
  const apart = new World(subgraphs, schema.api);
  const served = await serveSubgraphs(subgraphs, apart);
  const folder = await mkdtemp(join(tmpdir(), 'crm-oracle-'));
  const supergraphPath = join(folder, 'supergraph.graphql');
  await writeFile(supergraphPath, schema.supergraph);
  const addresses = Object.entries(served.addresses).flatMap(([name, url]) => ['--subgraph', `${name}=${url}`]);
  const words = ['gateway/main.ts', '--access', 'open', '--supergraph', supergraphPath, '--port', '0', ...addresses];
  const gateway = await startProcess(words, { ...SETTINGS, ...env }).catch(async (error: unknown) => {
    await served.stop();
    throw error;
  });
  // An answer can look right although a write was done twice.
  const compareRuns = (expected: ComparedAnswer): string | undefined =>
    expected.data === null || alone.mutationsRun === apart.mutationsRun
      ? undefined
      : `mutations differ: ${apart.mutationsRun} ran instead of ${alone.mutationsRun}`;
  return {
    schema,
    url: gateway.ready,
    asked: served.asked,
    async ask(operation, conditions) {
      served.asked.length = 0;
      apart.begin(conditions);
      const expected = await answerAlone(schema.api, alone, operation, conditions);
      const response = await send(`${gateway.ready}/graphql`, operation);
      if (response === undefined) return { expected, given: {}, status: 0, difference: 'no answer in time' };
      const given = (await response.json()) as ComparedAnswer;
      return {
        expected,
        given,
        status: response.status,
        difference: compareAnswers(expected, given) ?? compareRuns(expected),
      };
    },
    output: () => gateway.output(),
    async stop() {
      await gateway.stop('SIGKILL');
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
