// Runs the same attacks against our gateway and stock @apollo/gateway and writes what came of them into
// docs/security/attacks.md, between its markers: `node test/attacks/stock/main.ts`. Nothing in the table is a claim.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIXTURE_SCHEMAS } from '../../harness/fixtureSchemas.ts';
import { GUARDED_TEXTS } from '../../harness/guardedGraph.ts';
import { startKeyedGateway } from '../../harness/keyedGateway.ts';
import { composeFixture } from '../../harness/testGateway.ts';
import { composeSchema } from '../../oracle/federatedSchema.ts';
import { ATTACKS, type Outcome } from './attacks.ts';
import { runScoped, SCOPED_ATTACKS } from './scopes.ts';
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

/** Why a start failed, in the words of who did not start. */
function reasonOf(error: unknown): string {
  const lines = String(error)
    .replace(/\S*\/other\.graphql/g, 'FILE')
    .split('\n');
  const reason = lines.find((line) => /SECURITY/.test(line)) ?? lines[1] ?? '';
  return reason.trim().slice(0, REASON_CHARACTERS_MAX);
}

/** Starts stock over a graph with scopes; gives what came of it. */
async function tryToLoad(target: Target, supergraph: string): Promise<Tried> {
  try {
    const gateway = await target.startOver(supergraph);
    await gateway.stop('SIGKILL');
    return { held: false, seen: 'loads it, and enforces nothing' };
  } catch (error) {
    return { held: undefined, seen: `does not load such a graph: “${reasonOf(error)}”` };
  }
}

/** Starts ours over the same graph, with keys; gives what a key without the scope and one with it are told of the field. */
async function askScoped({ subgraphs }: Target, supergraph: string): Promise<Tried> {
  const addresses = Object.fromEntries(Object.entries(subgraphs).map(([name, { url }]) => [name, url]));
  const gateway = await startKeyedGateway({ supergraph, addresses, moreScopes: ['other:read'] });
  const ask = async (scopes: readonly string[]) => {
    const { status, text } = await gateway.ask(
      await gateway.keys.create({ scopes }),
      '{ customer(id: "c1") { email } }',
    );
    return { status, isShown: text.includes('c1@example.com') };
  };
  const [without, withIt] = [await ask(['other:read']), await ask(gateway.scopes)];
  await gateway.stop();
  const held = without.status === 403 && !without.isShown && withIt.isShown;
  const seen = `HTTP ${without.status}, ${without.isShown ? 'the field shown' : 'the field not shown'}; with the scope HTTP ${withIt.status}, ${withIt.isShown ? 'shown' : 'not shown'}`;
  return { held, seen };
}

/** What came of the attacks on scopes, and of the graph that they need. */
async function runOnScopes(name: 'ours' | 'stock', target: Target, scoped: string): Promise<Tried[]> {
  if (name === 'ours') {
    const outcomes = await runScoped((code, what, outcome) => console.log(`ours ${code} ${what}: ${cell(outcome)}`));
    return [...outcomes, await askScoped(target, scoped)];
  }
  const { supergraph } = await composeSchema({ name: 'guarded', subgraphs: GUARDED_TEXTS });
  const tried = await tryToLoad(target, supergraph);
  console.log(`stock scopes: ${cell(tried)}`);
  return [...SCOPED_ATTACKS.map(() => tried), await tryToLoad(target, scoped)];
}

async function runAll(name: 'ours' | 'stock', scoped: string): Promise<string[]> {
  const target = await startTarget(name);
  const cells: string[] = [];
  for (const attack of ATTACKS) {
    const outcome = await attack.run(target).catch((error: unknown) => ({ held: false, seen: String(error) }));
    cells.push(cell(outcome));
    console.log(`${name} ${attack.code} ${attack.name}: ${cells.at(-1) ?? ''}`);
  }
  cells.push(...(await runOnScopes(name, target, scoped)).map(cell));
  await target.stop();
  return cells;
}

const scoped = await composeScoped();
const columns = { ours: await runAll('ours', scoped), stock: await runAll('stock', scoped) };
const titles = [
  ...ATTACKS.map(({ code, name }) => `${code} | ${name}`),
  ...SCOPED_ATTACKS.map(({ code, name }) => `${code} | ${name}`),
  'K1–K12, K17, K18, K20–K22 | a graph with `@requiresScopes`, asked without the scope: what the attacks on keys and scopes need',
];
const rows = titles.map((title, at) => `| ${title} | ${columns.ours[at] ?? ''} | ${columns.stock[at] ?? ''} |`);
const table = ['| code | attack | ours | stock |', '|---|---|---|---|', ...rows].join('\n');
const text = await readFile(DOC, 'utf8');
const [begin, end] = [text.indexOf(MARKERS[0]), text.indexOf(MARKERS[1])];
if (begin < 0 || end < begin) throw new Error('docs/security/attacks.md has no markers');
await writeFile(DOC, `${text.slice(0, begin)}${MARKERS[0]}\n\n${table}\n\n${text.slice(end)}`);
