// Capturing consent: statements are only ever added. The newest of a channel is marked as the one that holds, whatever
// order statements arrive in, and the audience profile follows in the same transaction.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { checkMoment, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { ItemResult } from '../../kit/write/writeBatch.ts';
import { takesPlaceOf } from '../rules/audienceProfile.ts';
import { bulkWrite, readOptions, resultOf, wellFormed } from './batchReads.ts';
import type { ConsentDocument } from '../documents.ts';
import { consentEvent } from '../eventsOfCustomers.ts';
import { keepConsentedChannels } from './keepConsentedChannels.ts';
import type { MarketingModels } from '../model.ts';
import { FORGOTTEN, readForgotten } from './readForgotten.ts';

/** A statement of a customer; without `capturedAt` it was made now. */
export interface ConsentInput {
  readonly customerId: string;
  readonly channel: ConsentDocument['channel'];
  readonly state: ConsentDocument['state'];
  readonly capturedAt?: Date | null;
  readonly source: string;
}

const CHANNELS_MAX = 4;
const SAME_MOMENT_MAX = 5_000;
/** The clocks of those who capture may be ahead by this much; a statement of the future would outrank all to come. */
const AHEAD_MS_MAX = 5 * 60 * 1_000;

type Statement = Pick<ConsentDocument, 'customerId' | 'channel' | 'state' | 'capturedAt' | 'source'>;

function statementOf({ capturedAt, ...rest }: ConsentInput, now: Date): Statement {
  return { ...rest, capturedAt: capturedAt ?? now };
}

function check({ customerId, source, capturedAt }: Statement, now: Date): Fault {
  const isAhead = capturedAt.getTime() > now.getTime() + AHEAD_MS_MAX;
  return firstFault(
    isIdOf('cus', customerId) ? undefined : 'customerId is not the id of a customer.',
    checkText('source', source, 200),
    checkMoment('capturedAt', capturedAt),
    isAhead ? 'capturedAt lies in the future.' : undefined,
  );
}

/** Gives the one text of a statement's natural key: the same statement captured twice is one. */
export function statementKey({ customerId, channel, capturedAt, source, state }: Statement): string {
  return JSON.stringify([customerId, channel, capturedAt.getTime(), source, state]);
}

function slotOf({ customerId, channel }: Statement): string {
  return `${customerId}:${channel}`;
}

async function readKnown(models: MarketingModels, write: WriteCall, statements: readonly Statement[]) {
  const { tenantId } = write;
  const ids = wellFormed(
    'cus',
    statements.map(({ customerId }) => customerId),
  );
  const of = { tenantId, customerId: inList(ids) };
  const current = await models.consents
    .find({ ...of, current: true }, undefined, readOptions(write, 'current', ids.length * CHANNELS_MAX + 1))
    .lean();
  const moments = statements.map(({ capturedAt }) => capturedAt);
  const channels = [...new Set(statements.map(({ channel }) => channel))];
  const same = await models.consents
    .find(
      { ...of, channel: inList(channels), capturedAt: inList(moments) },
      undefined,
      readOptions(write, 'naturalKey', SAME_MOMENT_MAX),
    )
    .lean();
  return { current, same };
}

/** Takes the models, the write call and the statements; gives CREATED, UNCHANGED or INVALID for each. */
export async function captureConsents(
  models: MarketingModels,
  write: WriteCall,
  input: readonly ConsentInput[],
): Promise<ItemResult[]> {
  const { tenantId, now, actor } = write;
  const statements = input.map((item) => statementOf(item, now));
  const { current, same } = await readKnown(models, write, statements);
  const forgotten = await readForgotten(models, write, statements);
  const idByKey = new Map(same.map((consent) => [statementKey(consent), consent._id]));
  const holding = new Map<string, ConsentDocument>(current.map((consent) => [slotOf(consent), consent]));
  const added: ConsentDocument[] = [];
  const results = statements.map((statement) => {
    const fault = check(statement, now);
    if (fault !== undefined) return resultOf('INVALID', null, fault);
    if (forgotten.has(statement.customerId)) return resultOf('INVALID', null, FORGOTTEN);
    const key = statementKey(statement);
    const known = idByKey.get(key);
    if (known !== undefined) return resultOf('UNCHANGED', known);
    const _id = `con_${drawId()}`;
    const consent = { _id, tenantId, ...statement, current: false, recordedAt: now, recordedBy: actor };
    idByKey.set(key, _id);
    added.push(consent);
    if (takesPlaceOf(consent, holding.get(slotOf(consent)))) holding.set(slotOf(consent), consent);
    return resultOf('CREATED', _id);
  });
  const holdingIds = new Set(Array.from(holding.values(), ({ _id }) => _id));
  const replaced = current.filter(({ _id }) => !holdingIds.has(_id));
  await bulkWrite(models.consents, write, [
    ...replaced.map(({ _id }) => ({ updateOne: { filter: { _id, tenantId }, update: { $set: { current: false } } } })),
    ...added.map((consent) => ({ insertOne: { document: { ...consent, current: holdingIds.has(consent._id) } } })),
  ]);
  await keepConsentedChannels(
    models,
    write,
    added.map(({ customerId }) => customerId),
  );
  await emitEvents(write, added.map(consentEvent));
  return results;
}
