// Named points at which a part ends itself without warning, for fault tests alone: loaded before a part's own program by
// `--import`, it stands in the database's driver, so that no program that people run has such a point. The test says by
// a message when to end: `{ killAt: 'effect-after-commit', after: 3 }` ends the process when it passes there the third time.
import mongoose from 'mongoose';

/**
 * Where a part may end: before or after the commit of a mutation, before or after the commit of a consumer's effect (so
 * before its acknowledgement), after events were sent and before or after they were marked as sent.
 */
export const KILL_POINTS = [
  'mutation-before-commit',
  'mutation-after-commit',
  'effect-before-commit',
  'effect-after-commit',
  'sent-before-mark',
  'sent-after-mark',
] as const;
/** A named point. */
export type KillPoint = (typeof KILL_POINTS)[number];

/** What a test sends. */
export interface KillWish {
  readonly killAt: KillPoint;
  readonly after: number;
}

type Work = 'mutation' | 'effect' | 'mark';

const { ClientSession, Collection } = mongoose.mongo;
/** What a session's transaction is for, by what it wrote. */
const works = new WeakMap<object, Work>();
let wish: KillWish | undefined;
let passed = 0;

function pass(point: KillPoint): Promise<void> {
  if (wish?.killAt !== point) return Promise.resolve();
  passed += 1;
  if (passed < wish.after) return Promise.resolve();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

function noteWork(collection: string, session: object | undefined): void {
  if (session === undefined) return;
  if (collection === 'idempotency') works.set(session, 'mutation');
  else if (collection === 'inbox') works.set(session, 'effect');
  else if (collection === 'outbox' && works.get(session) === undefined) works.set(session, 'mutation');
}

const POINTS = {
  mutation: ['mutation-before-commit', 'mutation-after-commit'],
  effect: ['effect-before-commit', 'effect-after-commit'],
  mark: ['sent-before-mark', 'sent-after-mark'],
} as const satisfies Record<Work, readonly [KillPoint, KillPoint]>;

type Around = (self: object, given: readonly unknown[], go: () => Promise<unknown>) => Promise<unknown>;

function standBefore(prototype: object, name: string, around: Around): void {
  const own = Reflect.get(prototype, name) as (this: object, ...given: readonly unknown[]) => Promise<unknown>;
  Reflect.set(prototype, name, function pass(this: object, ...given: readonly unknown[]) {
    return around(this, given, () => own.apply(this, [...given]));
  });
}

/** Stands before the driver's own functions. */
export function standInDriver(): void {
  standBefore(ClientSession.prototype, 'commitTransaction', async (session, _given, commit) => {
    const work = works.get(session);
    works.delete(session);
    if (work !== undefined) await pass(POINTS[work][0]);
    await commit();
    if (work !== undefined) await pass(POINTS[work][1]);
  });
  const sessionIn = (options: unknown): object | undefined => (options as { session?: object } | undefined)?.session;
  const nameOf = (collection: object): string => String(Reflect.get(collection, 'collectionName'));
  for (const insert of ['insertMany', 'insertOne']) {
    standBefore(Collection.prototype, insert, (collection, [, options], go) => {
      noteWork(nameOf(collection), sessionIn(options));
      return go();
    });
  }
  standBefore(Collection.prototype, 'updateMany', (collection, [, , options], update) => {
    const session = sessionIn(options);
    if (nameOf(collection) === 'outbox' && session !== undefined) works.set(session, 'mark');
    return update();
  });
}

/** Does what the test wishes from now on. */
export function obeyTest(): void {
  process.on('message', (message) => {
    wish = message as KillWish;
    passed = 0;
  });
}
