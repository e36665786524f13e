// The attacks that ours and stock both can be put to. Each says what came of it, and whether what has to hold held.
import { gzipSync } from 'node:zlib';
import { residentMegabytes } from '../../harness/faultyGateway.ts';
import { CANARY, type LieName } from '../../harness/liarSubgraph.ts';
import { processorTimeMs } from '../../harness/processorTime.ts';
import { sendRaw } from '../../harness/rawRequest.ts';
import type { StartedProcess } from '../../harness/startProcess.ts';
import type { Target } from './target.ts';

/** What came of an attack. */
export interface Outcome {
  readonly held: boolean;
  /** For a reader of the table: numbers and words as they were seen. */
  readonly seen: string;
}

/** An attack by its code of the tables. */
export interface Attack {
  readonly code: string;
  readonly name: string;
  run(target: Target): Promise<Outcome>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

const WAIT_MS = 12_000;
const NONE: Answer = { status: 0, text: '', ms: WAIT_MS };
const JSON_HEADERS = { 'content-type': 'application/json' };
const QUERY = '{ customer(id: "c1") { id displayName email score } campaigns { name } }';

/** Sends a body to a gateway; status 0 where nothing came in 12 s. */
async function send(
  { ready }: StartedProcess,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = JSON_HEADERS,
): Promise<Answer> {
  const startMs = performance.now();
  try {
    const signal = AbortSignal.timeout(WAIT_MS);
    const response = await fetch(`${ready}/graphql`, { method: 'POST', headers, body, signal });
    return { status: response.status, text: await response.text(), ms: performance.now() - startMs };
  } catch {
    return { ...NONE, ms: performance.now() - startMs };
  }
}

const ask = (gateway: StartedProcess, query: string): Promise<Answer> => send(gateway, JSON.stringify({ query }));
const statusOf = ({ status }: Answer): string => (status === 0 ? 'no answer in 12 s' : `HTTP ${status}`);

function fan(levels: number): string {
  const fragments = Array.from({ length: levels }, (_, at) => {
    const next = `friends { ...F${at + 1} }`;
    const inner = at === levels - 1 ? 'id' : `a: ${next} b: ${next}`;
    return `fragment F${at} on Customer { ${inner} }`;
  });
  return `{ customer(id: "c1") { ...F0 } } ${fragments.join(' ')}`;
}

/** The processor time that a gateway spends on a query. */
async function costOf(gateway: StartedProcess, query: string): Promise<Answer & { readonly cpuMs: number }> {
  const id = gateway.child.pid ?? 0;
  const beforeMs = processorTimeMs(id);
  const answer = await ask(gateway, query);
  return { ...answer, cpuMs: Math.round(processorTimeMs(id) - beforeMs) };
}

async function expensive(target: Target, query: string): Promise<Outcome> {
  const { cpuMs, ...answer } = await costOf(target.gateway, query);
  return { held: answer.status === 400 && cpuMs < 100, seen: `${statusOf(answer)}, ${cpuMs} ms of processor` };
}

/** Has customers lie; gives the answer to a query that asks another subgraph too. */
async function lie(target: Target, name: LieName): Promise<Answer> {
  target.liar.lie = name;
  target.liar.paths.length = 0;
  return ask(target.lied, QUERY);
}

const othersAnswered = ({ text }: Answer): boolean => text.includes('"campaigns":[{"name":"Spring"}]');
const errorsOf = ({ text }: Answer): number => {
  const { errors = [] } = (text.startsWith('{') ? JSON.parse(text) : {}) as { errors?: readonly unknown[] };
  return errors.length;
};

function lied(name: LieName): (target: Target) => Promise<Outcome> {
  return async (target) => {
    const answer = await lie(target, name);
    const leaks = answer.text.includes(CANARY);
    const held = answer.status === 200 && othersAnswered(answer) && errorsOf(answer) > 0 && !leaks;
    const others = othersAnswered(answer) ? 'the others answered' : 'the others lost';
    const errors = errorsOf(answer) === 0 ? 'no error' : 'an error';
    return { held, seen: `${statusOf(answer)}, ${errors}, ${others}${leaks ? ', inner text shown' : ''}` };
  };
}

/** A subgraph spoken to by a stranger. */
function stranger(body: (target: Target) => string, sign: RegExp, what: string): (target: Target) => Promise<Outcome> {
  return async (target) => {
    const { status, text } = await target.askSubgraph(body(target));
    const isShown = sign.test(text);
    return { held: status === 401 && !isShown, seen: `HTTP ${status}, ${isShown ? what : 'nothing shown'}` };
  };
}

const entities = (representations: unknown, fields: string): string =>
  JSON.stringify({
    query: `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ${fields} } }`,
    variables: { r: representations },
  });

async function pages(target: Target): Promise<Outcome> {
  const body = JSON.stringify({ query: '{ campaigns { name } }' });
  const url = `${target.gateway.ready}/graphql`;
  const forms = await Promise.all(
    ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a'].map((type) =>
      sendRaw(url, { headers: ['content-type', type, 'origin', 'https://evil.example'], body }),
    ),
  );
  const search = new URLSearchParams({ query: '{ campaigns { name } }' }).toString();
  const image = await sendRaw(`${url}?${search}`, { method: 'GET', headers: ['origin', 'https://evil.example'] });
  const headers = ['origin', 'https://evil.example', 'access-control-request-method', 'POST'];
  const preflight = await sendRaw(url, { method: 'OPTIONS', headers });
  const allowed = preflight.headers['access-control-allow-origin'] ?? 'nobody';
  const statuses = [...forms, image].map(({ status }) => status);
  const held = statuses.every((status) => status >= 400) && allowed === 'nobody';
  return { held, seen: `forms ${statuses.slice(0, 3).join(', ')}; GET ${statuses[3]}; CORS allows ${allowed}` };
}

async function smuggle(target: Target): Promise<Outcome> {
  const { asked } = target.subgraphs.orders;
  const inner = { 'crm-gateway-proof': 'a', 'x-gateway-proof': 'a', 'x-caller': 'a', 'x-scopes': 'a', cookie: 'a=b' };
  const body = JSON.stringify({ query: 'query Smuggled { orders(first: 1) { number } }' });
  const headers = ['content-type', 'application/json', ...Object.entries(inner).flat(), 'connection', 'x-request-id'];
  const { status } = await sendRaw(`${target.gateway.ready}/graphql`, { headers, body });
  const passed = Object.keys(asked.at(-1)?.headers ?? {}).filter((name) => name in inner);
  return { held: status === 200 && passed.length === 0, seen: `passed on: ${passed.join(', ') || 'none'}` };
}

const BIG = Buffer.from(JSON.stringify({ query: '{ campaigns { name } }', variables: { a: 'x'.repeat(45_000_000) } }));

/** The attacks, in the order of the tables. */
export const ATTACKS: readonly Attack[] = [
  {
    code: 'F1',
    name: `fifteen fragments that each ask for the next twice, ${fan(15).length} bytes`,
    run: (target) => expensive(target, fan(15)),
  },
  {
    code: 'F2',
    name: '1,000 aliases of a root field',
    run: (target) =>
      expensive(
        target,
        `{ ${Array.from({ length: 1_000 }, (_, at) => `a${at}: customer(id: "c1") { id email }`).join(' ')} }`,
      ),
  },
  {
    code: 'F3',
    name: 'a subgraph that never answers',
    async run(target) {
      const answer = await lie(target, 'hangs');
      const seen = `${statusOf(answer)}${answer.status === 0 ? '' : ` after ${(answer.ms / 1_000).toFixed(1)} s`}`;
      return { held: answer.status === 200 && othersAnswered(answer), seen };
    },
  },
  { code: 'F4', name: 'a subgraph’s 500 with secrets', run: lied('HTTP 500 with secrets') },
  { code: 'F4', name: 'a subgraph’s error with secrets', run: lied('errors alone') },
  { code: 'F5', name: 'a subgraph that answers `{}`', run: lied('empty object') },
  { code: 'F5', name: 'a subgraph that answers an object where a text belongs', run: lied('wrong scalar') },
  {
    code: 'F6',
    name: 'a subgraph that redirects elsewhere',
    async run(target) {
      await lie(target, 'redirects');
      const isFollowed = target.liar.paths.includes('/elsewhere');
      return { held: !isFollowed, seen: isFollowed ? 'followed' : 'not followed' };
    },
  },
  {
    code: 'F7',
    name: 'a subgraph that answers 60 MB',
    async run(target) {
      const { pid } = target.lied.child;
      const before = await residentMegabytes(pid);
      let highest = before;
      let isOver = false;
      const asked = lie(target, 'sixty megabytes').finally(() => (isOver = true));
      while (!isOver) {
        highest = Math.max(highest, await residentMegabytes(pid));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const answer = await asked;
      const grown = Math.round(highest - before);
      return { held: grown < 40 && othersAnswered(answer), seen: `${statusOf(answer)}, memory + ${grown} MB` };
    },
  },
  {
    code: 'F8',
    name: 'a body of 45 MB',
    async run({ gateway }) {
      const answer = await send(gateway, BIG);
      return { held: answer.status === 413 || answer.status === 0, seen: statusOf(answer) };
    },
  },
  {
    code: 'F8',
    name: 'a body of 44 KB that unpacks to 45 MB',
    async run({ gateway }) {
      const answer = await send(gateway, gzipSync(BIG), { ...JSON_HEADERS, 'content-encoding': 'gzip' });
      return { held: answer.status === 413, seen: statusOf(answer) };
    },
  },
  {
    code: 'K13',
    name: '`_entities` and `_service` at the gateway',
    async run({ gateway }) {
      const answers = await Promise.all([
        ask(gateway, '{ _service { sdl } }'),
        ask(gateway, '{ _entities(representations: [{ __typename: "Customer", id: "c1" }]) { __typename } }'),
      ]);
      return { held: answers.every(({ status }) => status === 400), seen: answers.map(statusOf).join(', ') };
    },
  },
  {
    code: 'K14',
    name: 'an entity from a subgraph, without the gateway',
    run: stranger(({ entity }) => entities([entity], ''), /"_entities":\[\{/, 'the entity shown'),
  },
  { code: 'K16', name: 'headers that say who calls, and hop-by-hop lists', run: smuggle },
  { code: 'K19', name: 'forms, GET and preflights of a foreign page', run: pages },
  {
    code: 'G1',
    name: '`_service` at a subgraph with introspection off',
    run: stranger(() => JSON.stringify({ query: '{ _service { sdl } }' }), /type (Customer|Order)/, 'the schema shown'),
  },
  {
    code: 'G2',
    name: '20,000 representations in a call, as the gateway sends it',
    async run(target) {
      const many = Array.from({ length: 20_000 }, () => target.entity);
      const { status, text } = await target.askSubgraph(entities(many, ''), true);
      const count = text.split('"__typename"').length - 1;
      return { held: count === 0, seen: `HTTP ${status}, ${count} entities answered` };
    },
  },
  {
    code: 'G3',
    name: 'an operator as the key, as the gateway sends it',
    async run(target) {
      const fields = `... on ${target.entity.__typename} { id }`;
      const hostile = [{ ...target.entity, id: { $gt: '' } }];
      const { status, text } = await target.askSubgraph(entities(hostile, fields), true);
      const reached = text.includes('$gt');
      const isRefused = text.includes('"INVALID_ID"');
      const seen = reached ? 'the operator reached the resolver' : isRefused ? 'refused with INVALID_ID' : text;
      return { held: isRefused && !reached, seen: `HTTP ${status}, ${seen}` };
    },
  },
  {
    code: 'G4',
    name: 'invented `@requires` values, by a stranger',
    run: stranger(
      ({ entity }) =>
        entity.__typename === 'Order'
          ? entities(
              [{ __typename: 'Customer', id: 'cus_aaaaaaaa', defaultAddress: { countryCode: 'DE', postalCode: '1' } }],
              '... on Customer { shippingZone }',
            )
          : entities([{ ...entity, orderStats: { orderCount: 999 } }], '... on Customer { frequency }'),
      /999|"shippingZone":"/,
      'taken for true',
    ),
  },
  { code: 'G5', name: 'a subgraph that sends `__proto__`', run: lied('prototype keys') },
  { code: 'G5', name: 'a subgraph that sends 400,000 lists in each other', run: lied('deep lists') },
  { code: 'G5', name: 'a subgraph that sends 200,000 errors', run: lied('a million errors') },
  { code: 'G5', name: 'a subgraph that drips without end', run: lied('drips') },
  { code: 'G5', name: 'a subgraph that sends HTML', run: lied('html') },
];
