// When a schedule is due. The only file that imports croner, and of it only what works out times: its timers are not
// used, because which times are run is decided by `decideRuns.ts` and remembered in the database.
import { Cron } from 'croner';

/** A cron text or a time zone that cannot be read; the message says what is wrong. */
export class CronFault extends Error {
  override readonly name = 'CronFault';
}

/** The due times of one schedule, in milliseconds since 1970, on whole seconds. */
export interface DueTimes {
  /** The first one after a moment; undefined where there is none any more. */
  nextAfter(ms: number): number | undefined;
  /** The newest `max` of those after one moment and up to another, the oldest first. */
  between(afterMs: number, uptoMs: number, max: number): number[];
}

const SECOND_MS = 1_000;
/** So many are walked forward before it is worth more to walk back from the end. */
const FORWARD_MAX = 8;

class CronTimes implements DueTimes {
  readonly #cron: Cron;

  constructor(cron: Cron) {
    this.#cron = cron;
  }

  nextAfter(ms: number): number | undefined {
    return this.#cron.nextRun(new Date(ms))?.getTime();
  }

  between(afterMs: number, uptoMs: number, max: number): number[] {
    const found: number[] = [];
    for (let next = this.nextAfter(afterMs); next !== undefined && next <= uptoMs; next = this.nextAfter(next)) {
      found.push(next);
      if (found.length > FORWARD_MAX) return this.#newest(afterMs, uptoMs, max);
    }
    return found.slice(-max);
  }

  #newest(afterMs: number, uptoMs: number, max: number): number[] {
    // The library looks strictly before a whole second.
    const before = new Date(Math.floor(uptoMs / SECOND_MS) * SECOND_MS + SECOND_MS);
    const times = this.#cron.previousRuns(max, before).map((time) => time.getTime());
    return times.filter((time) => time > afterMs).sort((left, right) => left - right);
  }
}

/**
 * Takes a cron text of five fields, or six with seconds before them, and a time zone's IANA name; gives its due times.
 * Where clocks go forward a fixed time of the missing hour is due right after it; where they go back it is due once.
 * Throws CronFault, also for a text that is never due.
 */
export function readCron(text: string, timeZone: string): DueTimes {
  try {
    const cron = new Cron(text, { timezone: timeZone, mode: '5-or-6-parts', paused: true });
    if (cron.nextRun() === null) throw new CronFault(`"${text}" is never due`);
    return new CronTimes(cron);
  } catch (error) {
    if (error instanceof CronFault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const zone = reason.includes('timezone');
    throw new CronFault(zone ? `there is no time zone "${timeZone}"` : reason.replace(/^Cron\w*: /, ''));
  }
}
