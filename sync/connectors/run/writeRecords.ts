// One batch of records → mapped → written, whatever it takes: a busy subgraph is waited for, a batch that it refuses
// whole is halved until the guilty record stands alone. Gives what became of the batch; rejects what cannot go in.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../platform/clock.ts';
import { isBroken, type BrokenRecord, type SourceRecord } from '../connector.ts';
import { pause } from '../pause.ts';
import { Unmappable } from '../mapping/fitValue.ts';
import type { Lookup } from '../mapping/compileMapping.ts';
import type { SourceDefinition } from '../readSyncConfig.ts';
import type { Reject } from './rejectFile.ts';
import { TargetFault, type ItemAnswer, type TargetClient } from './subgraphClient.ts';

const PAUSE_FIRST_MS = 200;
const PAUSE_MS_MAX = 30_000;
/** A subgraph that takes nothing for so long ends the run; the state stays, and the next run goes on. */
const PATIENCE_MS = 600_000;
const DONE = { CREATED: 'created', UPDATED: 'updated', UNCHANGED: 'unchanged' } as const;

/** What became of the records of a batch. */
export interface BatchOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejects: readonly Reject[];
}

/** A record that fits the mapping. */
export interface MappedRecord {
  readonly place: string;
  /** What names it in the graph: records of one key keep their order. */
  readonly key: string;
  readonly input: Record<string, unknown>;
}

/** What writing needs. */
export interface Writing {
  readonly definition: SourceDefinition;
  readonly target: TargetClient;
  readonly customers: TargetClient;
  readonly clock: Clock;
  /** A number from 0 up to 1: spreads the pauses of several that wait for one subgraph. */
  readonly random: () => number;
  /** Throws where somebody else reads this source by now: what is sent late would overwrite what that one brings. */
  readonly checkHeld: () => void;
}

/** Takes a piece of work; does it again while its fault passes by itself, later each time, as long as there is patience. */
export async function withPatience<R>(
  { clock, random }: Pick<Writing, 'clock' | 'random'>,
  signal: AbortSignal,
  work: () => Promise<R>,
): Promise<R> {
  const startMs = clock.steadyMs();
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)) {
    try {
      return await work();
    } catch (error) {
      const isPassing = error instanceof TargetFault && error.kind === 'passing';
      if (!isPassing || clock.steadyMs() - startMs > PATIENCE_MS) throw error;
      await pause(clock, Math.max(error.pauseMs, pauseMs * (0.5 + random() / 2)), signal);
    }
  }
}

/** The ids of the customers that a batch names, by what names them. */
async function lookUp(
  writing: Writing,
  records: readonly SourceRecord[],
  signal: AbortSignal,
): Promise<(lookup: Lookup) => string | undefined> {
  const { mapping } = writing.definition;
  const nameOf = ({ source, id }: Lookup): string => JSON.stringify([source, id]);
  const wanted = new Map(
    records.flatMap(({ fields }) => mapping.lookupsOf(fields)).map((each) => [nameOf(each), each]),
  );
  if (wanted.size === 0) return () => undefined;
  const ids = await withPatience(writing, signal, () => writing.customers.findCustomers([...wanted.values()], signal));
  const byName = new Map([...wanted.keys()].map((name, at) => [name, ids[at]]));
  return (lookup) => byName.get(nameOf(lookup));
}

/** Takes the items of a batch; gives those that fit the mapping, and the others with the reason. */
export async function mapRecords(
  writing: Writing,
  items: readonly (SourceRecord | BrokenRecord)[],
  signal: AbortSignal,
): Promise<{ mapped: MappedRecord[]; rejects: Reject[] }> {
  const { mapping, target } = writing.definition;
  const good = items.filter((item): item is SourceRecord => !isBroken(item));
  const find = await lookUp(writing, good, signal);
  const mapped: MappedRecord[] = [];
  const rejects: Reject[] = [];
  for (const item of items) {
    if (isBroken(item)) {
      rejects.push(item);
      continue;
    }
    try {
      const input = mapping.toInput(item.fields, find);
      const key = input[target.keyField];
      if (typeof key !== 'string' || key === '') throw new Unmappable(`${target.keyField} is missing`);
      mapped.push({ place: item.place, key, input });
    } catch (error) {
      if (!(error instanceof Unmappable)) throw error;
      rejects.push({ place: item.place, reason: error.message });
    }
  }
  return { mapped, rejects };
}

/** The same records read from the same place have the same key, and no others do. */
function idempotencyKey({ name }: SourceDefinition, readFrom: string, records: readonly MappedRecord[]): string {
  const text = JSON.stringify([readFrom, records.map(({ input }) => input)]);
  return `sync:${name}:${createHash('sha256').update(text).digest('base64url')}`;
}

async function answersFor(
  writing: Writing,
  records: readonly MappedRecord[],
  { readFrom, signal }: { readFrom: string; signal: AbortSignal },
): Promise<readonly ItemAnswer[]> {
  if (records.length === 0) return [];
  const { definition, target } = writing;
  const batch = {
    target: definition.target,
    items: records.map(({ input }) => input),
    idempotencyKey: idempotencyKey(definition, readFrom, records),
  };
  try {
    return await withPatience(writing, signal, () => {
      writing.checkHeld();
      return target.write(batch, signal);
    });
  } catch (error) {
    if (!(error instanceof TargetFault) || error.kind !== 'items') throw error;
    if (records.length === 1) return [{ code: 'INVALID', message: error.message }];
    const half = Math.ceil(records.length / 2);
    const first = await answersFor(writing, records.slice(0, half), { readFrom, signal });
    return [...first, ...(await answersFor(writing, records.slice(half), { readFrom, signal }))];
  }
}

/** Takes mapped records and where they were read from; writes them, and gives what became of each. */
export async function writeRecords(
  writing: Writing,
  records: readonly MappedRecord[],
  at: { readonly readFrom: string; readonly signal: AbortSignal },
): Promise<BatchOutcome> {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  const rejects: Reject[] = [];
  const answers = await answersFor(writing, records, at);
  answers.forEach(({ code, message }, index) => {
    if (code === 'CREATED' || code === 'UPDATED' || code === 'UNCHANGED') counts[DONE[code]] += 1;
    else rejects.push({ place: records[index]?.place ?? '', reason: `${code}: ${message ?? 'refused'}` });
  });
  return { ...counts, rejects };
}
