// Opens the personal fields of events for the effects of followers; those of forgotten people stay closed.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { PayloadKeys, SealedFields } from '../../../sync/payload/payloadKeys.ts';

function sealedOf(data: unknown): SealedFields | undefined {
  const personal: unknown = data !== null && typeof data === 'object' ? Reflect.get(data, 'personal') : undefined;
  if (personal === null || typeof personal !== 'object') return undefined;
  const { customerId, sealed } = personal as Partial<SealedFields>;
  return typeof customerId === 'string' && typeof sealed === 'string' ? { customerId, sealed } : undefined;
}

async function unsealOne(keys: PayloadKeys, event: GraphEvent): Promise<GraphEvent> {
  const sealed = sealedOf(event.data);
  if (sealed === undefined) return event;
  const personal = (await keys.unseal(event.tenantid, sealed)) ?? null;
  return { ...event, data: { ...(event.data as object), personal } };
}

/** Takes events; gives them with `data.personal` open, or null where the person is forgotten. */
export function unsealPersonal(keys: PayloadKeys, events: readonly GraphEvent[]): Promise<GraphEvent[]> {
  return Promise.all(events.map((event) => unsealOne(keys, event)));
}
