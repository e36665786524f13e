// The mutations of one subgraph in the test's own process, with its outbox beside them: a test sees what each of them
// writes, and can let the outbox fail.
import { readFileSync } from 'node:fs';
import mongoose, { type Connection, type Model } from 'mongoose';
import { Kind, parse } from 'graphql';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { Outbox } from '../../sync/outbox/outbox.ts';
import type { OutboxRow } from '../../sync/outbox/outboxRow.ts';
import { PayloadKeys } from '../../sync/payload/payloadKeys.ts';
import type { Call } from '../../subgraphs/kit/call.ts';
import type { WriteBase } from '../../subgraphs/kit/write/batches.ts';
import { idempotencyModel } from '../../subgraphs/kit/write/runOnce.ts';
import { openTestDatabase } from './testDatabase.ts';

/** One item of a mutation's answer. */
export interface Answered {
  readonly code: string;
  readonly message: string | null;
}

/** The mutations of one subgraph. */
export interface MutationWorld {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly keys: PayloadKeys;
  /** The fields of `Mutation` in the subgraph's schema. */
  readonly fields: readonly string[];
  /** Does a mutation with its arguments; gives the results of its items. */
  mutate(name: string, args: object): Promise<Answered[]>;
  /** Gives the rows that came since the last call, in the order of their entities' versions. */
  newRows(): Promise<OutboxRow[]>;
  /** From now on every emit writes its rows and then fails, until it is told otherwise. */
  failEmits(isFailing: boolean): void;
  stop(): Promise<void>;
}

type MutationFields = Readonly<Record<string, (_: unknown, args: object, context: object) => Promise<unknown>>>;

class FailingOutbox extends Outbox {
  isFailing = false;

  override async emit(...args: Parameters<Outbox['emit']>): Promise<void> {
    await super.emit(...args);
    if (this.isFailing) throw new Error('the outbox fails, as the test asked');
  }
}

function readMutationFields(subgraph: string): string[] {
  const text = readFileSync(new URL(`../../subgraphs/${subgraph}/schema.graphql`, import.meta.url), 'utf8');
  return parse(text).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'Mutation'
      ? (definition.fields ?? []).map(({ name }) => name.value)
      : [],
  );
}

function newCall(): Call {
  const now = systemClock.now();
  const ids = { requestId: drawId(), callId: drawId() };
  return { tenantId: 'main', actor: 'test', ...ids, deadlineMs: now.getTime() + 60_000, now };
}

/** Takes the subgraph's name, its models and what makes its mutations; gives them on a database of their own. */
export async function openMutationWorld(
  subgraph: string,
  define: (base: WriteBase) => { models: readonly Pick<Model<never>, 'createIndexes'>[]; mutations: object },
): Promise<MutationWorld> {
  const database = await openTestDatabase();
  const prefix = `test_${drawId().slice(0, 12)}`;
  const options = { dbName: `${prefix}_${subgraph}`, autoIndex: false, autoCreate: false };
  const connection = await mongoose.createConnection(database.uri, options).asPromise();
  const keys = new PayloadKeys({ connection, prefix, clock: systemClock });
  const outbox = new FailingOutbox({ connection, subgraph, keys, isSending: true });
  const { models, mutations } = define({ connection, outbox });
  const all = [...models, idempotencyModel(connection), outbox.rows];
  await Promise.all(all.map((model) => model.createIndexes()));
  const seen = new Set<string>();
  return {
    connection,
    outbox,
    keys,
    fields: readMutationFields(subgraph),
    async mutate(name, args) {
      const field = (mutations as MutationFields)[name];
      if (field === undefined) throw new Error(`there is no mutation ${name}`);
      const answer = await field(undefined, args, { call: newCall(), loaders: {} });
      return (Array.isArray(answer) ? answer : [answer]) as Answered[];
    },
    async newRows() {
      const rows = (await outbox.rows.find().lean()) as OutboxRow[];
      const fresh = rows.filter(({ _id }) => !seen.has(_id));
      for (const { _id } of fresh) seen.add(_id);
      return fresh.sort((left, right) => left.version - right.version);
    },
    failEmits(isFailing) {
      outbox.isFailing = isFailing;
    },
    async stop() {
      await connection.getClient().db(`${prefix}_sync`).dropDatabase();
      await connection.dropDatabase();
      await connection.close();
      await database.stop();
    },
  };
}
