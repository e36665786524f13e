// Runs the same attacks against our gateway and stock @apollo/gateway and writes what came of them into
// docs/security/attacks.md, between its markers: `node test/attacks/stock/main.ts`. Nothing in the table is a claim.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIXTURE_SCHEMAS } from '../../harness/fixtureSchemas.ts';
import { composeFixture } from '../../harness/testGateway.ts';
import { ATTACKS, type Outcome } from './attacks.ts';
import { startTarget, type Target } from './target.ts';

const DOC = new URL('../../../docs/security/attacks.md', import.meta.url);
const MARKERS = ['<!-- printed by test/attacks/stock/main.ts: begin -->', '<!-- end -->'] as const;
const REASON_CHARACTERS_MAX = 240;

/** A gateway that does not start holds nothing and loses nothing. */
type Tried = Omit<Outcome, 'held'> & { readonly held: boolean | undefined };

function cell({ held, seen }: Tried): string {
  const word = held === undefined ? '' : held ? 'holds: ' : '**falls**: ';
  return `${word}${seen}`.replaceAll('|', '\\|');
}

/** The fixture graph with a scope on one field. */
async function composeScoped(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-scoped-'));
  const customers = FIXTURE_SCHEMAS.customers
    .replace('"@external"]', '"@external", "@requiresScopes"]')
    .replace('email: String', 'email: String @requiresScopes(scopes: [["customers:read:pii"]])');
  const supergraph = await composeFixture(folder, { customers });
  await rm(folder, { recursive: true });
  return supergraph;
}

/** Starts a target over a graph with scopes; gives what a caller without any is told of the field, or why it does not start. */
async function trySecured(target: Target, supergraph: string): Promise<Tried> {
  try {
    const gateway = await target.startOver(supergraph);
    const response = await fetch(`${gateway.ready}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ customer(id: "c1") { email } }' }),
    });
    const text = await response.text();
    await gateway.stop('SIGKILL');
    const isShown = text.includes('c1@example.com');
    return { held: !isShown, seen: `HTTP ${response.status}, ${isShown ? 'the field shown' : 'the field not shown'}` };
  } catch (error) {
    const lines = String(error)
      .replace(/\S*\/other\.graphql/g, 'FILE')
      .split('\n');
    const reason = lines.find((line) => /SECURITY/.test(line)) ?? lines[1] ?? '';
    return { held: undefined, seen: `does not start: “${reason.trim().slice(0, REASON_CHARACTERS_MAX)}”` };
  }
}

async function runAll(name: 'ours' | 'stock', scoped: string): Promise<string[]> {
  const target = await startTarget(name);
  const cells: string[] = [];
  for (const attack of ATTACKS) {
    const outcome = await attack.run(target).catch((error: unknown) => ({ held: false, seen: String(error) }));
    cells.push(cell(outcome));
    console.log(`${name} ${attack.code} ${attack.name}: ${cells.at(-1) ?? ''}`);
  }
  cells.push(cell(await trySecured(target, scoped)));
  console.log(`${name} scopes: ${cells.at(-1) ?? ''}`);
  await target.stop();
  return cells;
}

const scoped = await composeScoped();
const columns = { ours: await runAll('ours', scoped), stock: await runAll('stock', scoped) };
const titles = [
  ...ATTACKS.map(({ code, name }) => `${code} | ${name}`),
  'K1–K12, K17, K18, K20–K22 | a graph with `@requiresScopes`, asked without a key: what the attacks on keys and scopes need',
];
const rows = titles.map((title, at) => `| ${title} | ${columns.ours[at] ?? ''} | ${columns.stock[at] ?? ''} |`);
const table = ['| code | attack | ours | stock |', '|---|---|---|---|', ...rows].join('\n');
const text = await readFile(DOC, 'utf8');
const [begin, end] = [text.indexOf(MARKERS[0]), text.indexOf(MARKERS[1])];
if (begin < 0 || end < begin) throw new Error('docs/security/attacks.md has no markers');
await writeFile(DOC, `${text.slice(0, begin)}${MARKERS[0]}\n\n${table}\n\n${text.slice(end)}`);
