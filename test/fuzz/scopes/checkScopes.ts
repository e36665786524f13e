// Random operations of random callers on generated schemas: what the checked decider tells against what the texts of the
// subgraphs say.
import { validate, type DocumentNode } from 'graphql';
import { drawFrom } from '../../oracle/draw.ts';
import type { ComposedSchema } from '../../oracle/federatedSchema.ts';
import { generateOperation } from '../../oracle/generateOperation.ts';
import { judgeByText, type Asker } from './bruteForce.ts';
import { generateScopedSchema, POLICY_NAMES } from './generateScopedSchema.ts';
import type { ScopeDecider, Told } from './scopeDecider.ts';

/** How much is to be checked. */
export interface ScopeCheck {
  readonly seed: number;
  readonly schemas: number;
  readonly runs: number;
  /** Only the run with this number, where it is given. */
  readonly at: number | undefined;
  /** Whether every caller has a key: without one, a gateway answers nobody. */
  readonly isSignedIn: boolean;
  readonly open: (schema: ComposedSchema) => ScopeDecider | Promise<ScopeDecider>;
}

/** What came of it. */
export interface ScopeFindings {
  runs: number;
  /** Runs in which anything was denied, and in which nothing was. */
  denied: number;
  allowed: number;
  /** Runs in which the operation was refused for its size: they show nothing. */
  tooLarge: number;
  /** Places that were judged. */
  places: number;
  /** What was wrong, with what replays it. */
  readonly faults: string[];
}

const SCOPES = ['s0', 's1', 's2', 's3', 's4', 's5'];

function drawAsker(seed: number, isSignedIn: boolean): Asker {
  const draw = drawFrom(seed);
  const percent = draw.pick([0, 40, 70, 90, 100]);
  return {
    signedIn: draw.chance(percent === 100 ? 100 : 60) || isSignedIn,
    scopes: new Set(SCOPES.filter(() => draw.chance(percent))),
    policies: new Set(POLICY_NAMES.filter(() => draw.chance(percent))),
  };
}

function without(paths: readonly string[], others: ReadonlySet<string>): string[] {
  return [...new Set(paths)].filter((path) => !others.has(path));
}

/** What is wrong with the operation that would run in filter mode. */
function faultsOfFiltered(
  filtered: DocumentNode,
  schema: ComposedSchema,
  document: DocumentNode,
  asker: Asker,
): string[] {
  const invalid = validate(schema.api, filtered).map(({ message }) => `filtered is not valid: ${message}`);
  if (invalid.length > 0) return invalid;
  const judged = judgeByText(schema.subgraphs, document, asker);
  const denied = judged.filter(({ may }) => !may).map(({ path }) => path);
  const left = judgeByText(schema.subgraphs, filtered, asker);
  // A placeholder stands for nothing that is answered.
  const leaked = left.filter(({ path, may }) => !may && !path.endsWith('/__typename')).map(({ path }) => path);
  const kept = judged.filter(({ path }) => !denied.some((each) => path === each || path.startsWith(`${each}/`)));
  const lost = without(
    kept.map(({ path }) => path),
    new Set(left.map(({ path }) => path)),
  );
  return [
    ...leaked.map((path) => `leaked when filtered: ${path}`),
    ...lost.map((path) => `lost when filtered: ${path}`),
  ];
}

function faultsOf(told: Told, schema: ComposedSchema, document: DocumentNode, asker: Asker): string[] {
  const judged = judgeByText(schema.subgraphs, document, asker);
  const denied = judged.filter(({ may }) => !may).map(({ path }) => path);
  // Of a list that was cut, what is fetched and what is left when filtered say whether anything leaks.
  const untold = told.isCut ? [] : without(denied, new Set(told.denied));
  return [
    ...(told.faults ?? []),
    ...untold.map((path) => `leaked: ${path}`),
    ...without(told.denied, new Set(denied)).map((path) => `wrongly refused: ${path}`),
    ...(told.filtered === undefined ? [] : faultsOfFiltered(told.filtered, schema, document, asker)),
  ];
}

interface Run {
  readonly schema: ComposedSchema;
  readonly decider: ScopeDecider;
  readonly run: number;
  readonly seed: number;
  readonly isSignedIn: boolean;
}

async function checkOne({ schema, decider, run, seed, isSignedIn }: Run, findings: ScopeFindings): Promise<void> {
  const drawn = (seed * 1_000_003 + run) >>> 0;
  const operation = generateOperation(schema.api, drawn);
  const { document, text } = operation;
  const asker = drawAsker(drawn, isSignedIn);
  const told = await decider.ask(operation, asker);
  findings.runs++;
  if (told === undefined) {
    findings.tooLarge++;
    return;
  }
  findings[told.denied.length === 0 ? 'allowed' : 'denied']++;
  findings.places += judgeByText(schema.subgraphs, document, asker).length;
  const faults = faultsOf(told, schema, document, asker);
  if (faults.length === 0) return;
  const who = JSON.stringify({ ...asker, scopes: [...asker.scopes], policies: [...asker.policies] });
  findings.faults.push(`--seed ${seed} --at ${run}: ${faults.join('; ')}\n${text}\n${who}`);
}

/** Checks; gives what was found. The same seed finds the same. */
export async function checkScopes({ seed, schemas, runs, at, isSignedIn, open }: ScopeCheck): Promise<ScopeFindings> {
  const findings: ScopeFindings = { runs: 0, denied: 0, allowed: 0, tooLarge: 0, places: 0, faults: [] };
  for (let number = 0; number < schemas; number++) {
    const own = (run: number): boolean => run % schemas === number && (at === undefined || at === run);
    const numbers = Array.from({ length: runs }, (_, run) => run).filter(own);
    if (numbers.length === 0) continue;
    const schema = await generateScopedSchema(seed * 10_007 + number);
    const decider = await open(schema);
    for (const run of numbers) await checkOne({ schema, decider, run, seed, isSignedIn }, findings);
    await decider.stop?.();
  }
  return findings;
}
