// A million different operation texts, each read, counted and forgotten as a gateway would, in this process: how much the
// counts hold while nothing of them can be written.
import { buildSchema, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { systemClock } from '../../platform/clock.ts';
import { OPEN_CALLER } from '../../gateway/caller.ts';
import { openUseReader } from '../../gateway/usage/operationUse.ts';
import { USAGE_BOUNDS } from '../../gateway/usage/openUsage.ts';
import { openUsageRecorder } from '../../gateway/usage/usageRecorder.ts';
import { NO_LOG } from '../../test/harness/identifyParts.ts';

/** What they came to. */
export interface MillionTexts {
  readonly texts: number;
  readonly heldMb: number;
  readonly usEach: number;
}

const TEXTS = 1_000_000;
const CALLERS = 50;
const SCHEMA = buildSchema(
  'type Query { people(first: Int): [Person!] } type Person { id: ID! name: String email: String }',
);

function heapMb(): number {
  for (let times = 0; times < 3; times++) globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Counts them; takes about a minute. */
export async function countMillionTexts(): Promise<MillionTexts> {
  const away = (): Promise<never> => Promise.reject(new Error('away'));
  const recorder = openUsageRecorder({
    store: { writeOperations: away, writeBuckets: away, writeProcess: away, stop: () => Promise.resolve() },
    ...{ bounds: USAGE_BOUNDS, daysKept: 90, clock: systemClock, log: NO_LOG },
    observer: { usageLost: () => undefined, usageWritten: () => undefined },
  });
  const readUse = openUseReader(SCHEMA);
  const callers = Array.from({ length: CALLERS }, (_, at) => ({
    ...OPEN_CALLER,
    kind: 'key' as const,
    id: `key:k${at}`,
  }));
  const emptyMb = heapMb();
  const startMs = systemClock.steadyMs();
  for (let at = 0; at < TEXTS; at++) {
    const document = parse(`query Q${at} { people(first: ${at % 10}) { id name email } }`);
    const [operation] = document.definitions.filter(
      (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
    );
    const caller = callers[at % CALLERS];
    if (operation === undefined || caller === undefined) continue;
    const used = recorder.usedBy(() => readUse(document, operation), {});
    if (used !== undefined) recorder.note(used, caller, {});
    // The timer of its writes has its turn, as in a gateway.
    if (at % 10_000 === 0) await new Promise((done) => setImmediate(done));
  }
  const tookMs = systemClock.steadyMs() - startMs;
  const heldMb = heapMb() - emptyMb;
  await recorder.stop();
  return { texts: TEXTS, heldMb, usEach: (tookMs * 1_000) / TEXTS };
}
