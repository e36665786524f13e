// Events as people read them on a terminal: a line each, without control characters, personal fields left sealed.
import type { GraphEvent } from '../../contracts/event.ts';
import { versionOf } from '../../contracts/event.ts';
import type { ParkedRow } from '../../sync/commands/eventsDesk.ts';
import { alignColumns } from '../alignColumns.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function plain(text: string): string {
  // What an outside system put into an event must not move the cursor of whoever reads it.
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}

/** Gives how long ago a moment is, in one unit. */
export function ageOf(at: Date, now: Date): string {
  const ms = Math.max(0, now.getTime() - at.getTime());
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1_000)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  return ms < DAY_MS ? `${Math.floor(ms / HOUR_MS)}h` : `${Math.floor(ms / DAY_MS)}d`;
}

/** Takes parked events; gives the table of them. */
export function printParked(rows: readonly ParkedRow[], isCut: boolean, now: Date): string {
  if (rows.length === 0) return 'no event is parked\n';
  const head = ['CONSUMER', 'EVENT', 'TYPE', 'ENTITY', 'VERSION', 'REASON', 'TRIES', 'AGE', 'MESSAGE'];
  const lines = rows.map((row) => [
    row.consumer,
    row.id,
    row.type === '' ? '-' : row.type,
    row.subject === '' ? '-' : row.subject,
    String(row.version),
    row.reason,
    String(row.tries),
    ageOf(row.parkedAt, now),
    row.message,
  ]);
  const table = alignColumns([head, ...lines].map((cells) => cells.map(plain)));
  return isCut ? `${table}there are more: narrow it down, or raise --last\n` : table;
}

/** Takes a parked event; gives it as programs read it, with the message as it came. */
export function parkedForPrograms(row: ParkedRow): object {
  return { ...row, parkedAt: row.parkedAt.toISOString() };
}

/** Takes a live event; gives its line. */
export function printEvent(event: GraphEvent): string {
  const { time, type, subject, tenantid, id } = event;
  return plain(`${time}  ${type}  ${subject} v${versionOf(event)}  tenant ${tenantid}  ${id}`);
}
