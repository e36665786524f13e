// The limit for a gateway on Node: the measured queries written by hand as the fewest calls to the subgraphs, over
// undici's pools. No GraphQL, no checks, no errors: what is left is the work that no gateway can avoid.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { answerNested } from './proxyNested.ts';
import { answerSmall } from './proxySmall.ts';
import { readRun } from './readRun.ts';

const run = readRun();
const SOCKETS = 64;

const callers = Object.entries(run.subgraphs).map(([name, url]) => {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: SOCKETS, pipelining: 1 });
  const call = async (authorization: string, body: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', authorization };
    const response = await pool.request({ path, method: 'POST', headers, body });
    return (JSON.parse(await response.body.text()) as { data: unknown }).data;
  };
  return [name, call] as const;
});
const calls = Object.fromEntries(callers);

function callSubgraph(name: string, authorization: string, body: string): Promise<unknown> {
  const call = calls[name];
  if (call === undefined) throw new Error(`no address of ${name}`);
  return call(authorization, body);
}

interface Asked {
  readonly query: string;
  readonly variables: { readonly caller: string };
}

const joined = run.variant === 'joined';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
    const authorization = request.headers.authorization ?? '';
    const ask = (name: string, body: string): Promise<unknown> => callSubgraph(name, authorization, body);
    const answer = query.includes('query Small')
      ? answerSmall(ask, variables.caller)
      : answerNested(ask, variables.caller, joined);
    answer.then(
      (data) => {
        const bytes = Buffer.from(`{"data":${JSON.stringify(data)}}`);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
        response.end(bytes);
      },
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
});
server.listen(run.port, '127.0.0.1');
