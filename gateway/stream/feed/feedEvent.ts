// An event as streams know it: its envelope, read from a broker's message. The data is dropped, as it may be sealed, and
// what clients get is always read anew.
import { entityKeysOf, type GraphEvent } from '../../../contracts/event.ts';
import type { Delivery } from '../../../sync/brokers/broker.ts';

/** What streams keep of an event. */
export interface FeedEvent {
  /** Where the broker's reader stands after it. */
  readonly position: string;
  /** Equal for an event that was delivered twice. */
  readonly identity: string;
  readonly type: string;
  readonly subject: string;
  readonly source: string;
  readonly tenantId: string;
  readonly keys: readonly string[];
}

const TYPE_AT = 'outbox.event.'.length;
const TEXTS = ['id', 'source', 'subject', 'tenantid', 'entitykeys'] as const;

function isEnvelope(value: unknown): value is Pick<GraphEvent, (typeof TEXTS)[number]> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return TEXTS.every((name) => typeof fields[name] === 'string');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Takes a broker's message; gives the event in it, undefined for what is none. */
export function readFeedEvent({ topic, value, position }: Delivery): FeedEvent | undefined {
  const event = parse(value);
  if (!isEnvelope(event)) return undefined;
  const { id, source, subject, tenantid: tenantId } = event;
  const type = topic.slice(TYPE_AT);
  return { position, identity: `${source} ${id}`, type, subject, source, tenantId, keys: entityKeysOf(event) };
}
