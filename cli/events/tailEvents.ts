// `crm-graph events tail`: follows the live events of a broker, for itself alone: no consumer notices.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TOPICS, type GraphEvent } from '../../contracts/event.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { openLog } from '../../platform/log.ts';
import type { Delivery } from '../../sync/brokers/broker.ts';
import { printEvent } from './printEvents.ts';

/** What is followed, and how it is shown. */
export interface TailOptions {
  /** Types begin with this, as `crm.order`. */
  readonly type?: string;
  readonly subject?: string;
  readonly after?: string;
  readonly json?: boolean;
  /** Ends after so many events. */
  readonly count?: number;
}

/** Gives the address of the broker: that of the settings, or the one of a graph that `npm start` runs here. */
export function brokerUrlOf(config: Pick<Config, 'CRM_BROKER_URL' | 'CRM_DATA_PATH'>): string {
  if (config.CRM_BROKER_URL !== undefined) return config.CRM_BROKER_URL;
  const path = join(config.CRM_DATA_PATH, 'broker', 'url');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  throw new StartError(
    'CRM_BROKER_URL is missing, and no graph that npm start runs left a broker here: see docs/brokers.md',
  );
}

/** What no part of ours would take for an event is left out: it must not end the following of all others. */
function readEvent(value: string): GraphEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(value);
  } catch {
    return undefined;
  }
  const isEvent =
    typeof event === 'object' &&
    event !== null &&
    ['id', 'type', 'subject', 'time', 'tenantid', 'sequence'].every(
      (name) => typeof Reflect.get(event, name) === 'string',
    );
  return isEvent ? (event as GraphEvent) : undefined;
}

function isMeant({ type, subject }: GraphEvent, wanted: TailOptions): boolean {
  return (
    (wanted.type === undefined || type.startsWith(wanted.type)) &&
    (wanted.subject === undefined || subject === wanted.subject)
  );
}

/** Follows events and writes a line each, until it is interrupted or has shown as many as were asked for. */
export async function tailEvents(config: Config, options: TailOptions): Promise<void> {
  const url = brokerUrlOf(config);
  const { openBroker } = await import('../../sync/brokers/openBroker.ts');
  const broker = await openBroker(url, { name: 'events tail', log: openLog('tail', 'silent'), clock: systemClock });
  let left = options.count ?? Infinity;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  // Whoever reads the lines may have enough of them.
  process.stdout.once('error', () => end());
  const show = ({ value, position }: Delivery): void => {
    const event = readEvent(value);
    if (left <= 0 || event === undefined || !isMeant(event, options)) return;
    left -= 1;
    process.stdout.write(`${options.json === true ? JSON.stringify({ position, ...event }) : printEvent(event)}\n`);
    if (left <= 0) end();
  };
  try {
    await broker.follow({
      topics: EVENT_TOPICS,
      after: options.after ?? 'now',
      deliver: (messages) => messages.forEach(show),
    });
    process.stderr.write('following; Ctrl-C ends it\n');
    await ended;
  } finally {
    await broker.close();
  }
}
