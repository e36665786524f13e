// The words that set a key's settings on the command line, and what they come to.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CallerLimits } from '../../gateway/caller.ts';
import type { KeySettings, NewSettings } from '../../gateway/identify/keyLifecycle.ts';

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

/** What the options come to, as commander gives them. */
export interface SettingOptions {
  readonly owner?: string;
  readonly purpose?: string;
  readonly scope?: readonly string[];
  readonly contract?: string;
  readonly expires?: number;
  readonly network?: readonly string[];
  readonly denial?: 'refuse' | 'filter';
  readonly registeredOnly?: boolean;
  readonly points?: number;
  readonly burst?: number;
  readonly requests?: number;
  readonly concurrent?: number;
  readonly daily?: number;
}

/** Believable limits of a partner app: one Customer 360 costs about 40 points. */
const DEFAULT_LIMITS: CallerLimits = {
  pointsPerSecond: 500,
  pointsBurst: 5_000,
  requestsPerSecond: 20,
  concurrentRequestsMax: 10,
  pointsPerDay: undefined,
};
const DEFAULT_DAYS = 90;

/** Takes `7d`, `12h` or `30m`; gives milliseconds. */
export function readDuration(text: string): number {
  const unit = UNITS[text.slice(-1)];
  const count = Number(text.slice(0, -1));
  if (unit === undefined || text.length < 2 || !Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('It looks like 90d, 12h or 30m.');
  }
  return count * unit;
}

/** Takes a whole number from 1 on. */
export function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(/[\s,]+/).filter((word) => word !== '')];
}

/** Adds the options of a key's settings to a command. */
export function addSettingOptions(command: Command): Command {
  return command
    .option('--owner <who>', 'who answers for the key')
    .option('--purpose <what>', 'what it is used for')
    .option('--scope <scope>', 'a scope or a wildcard as customers:*; again for more', collect)
    .option('--contract <name>', 'the contract whose fields it sees; the whole graph without')
    .option(
      '--expires <time>',
      `when it ends, from now: 90d, 12h (${DEFAULT_DAYS}d by default, 366d at most)`,
      readDuration,
    )
    .option('--network <range>', 'an address range that it may be used from, as 192.0.2.0/24; again for more', collect)
    .addOption(new Option('--denial <mode>', 'how a missing scope is answered').choices(['refuse', 'filter']))
    .option('--registered-only', 'only registered operations run (the default)')
    .option('--no-registered-only', 'any operation runs')
    .option('--points <n>', `cost points a second (${DEFAULT_LIMITS.pointsPerSecond} by default)`, readCount)
    .option('--burst <n>', `cost points at once (${DEFAULT_LIMITS.pointsBurst} by default)`, readCount)
    .option('--requests <n>', `requests a second (${DEFAULT_LIMITS.requestsPerSecond} by default)`, readCount)
    .option('--concurrent <n>', `requests at once (${DEFAULT_LIMITS.concurrentRequestsMax} by default)`, readCount)
    .option('--daily <n>', 'cost points a day; no quota by default', readCount);
}

function limitsOf(options: SettingOptions, before: CallerLimits): CallerLimits {
  return {
    pointsPerSecond: options.points ?? before.pointsPerSecond,
    pointsBurst: options.burst ?? before.pointsBurst,
    requestsPerSecond: options.requests ?? before.requestsPerSecond,
    concurrentRequestsMax: options.concurrent ?? before.concurrentRequestsMax,
    pointsPerDay: options.daily ?? before.pointsPerDay,
  };
}

/** Takes the options and the moment; gives the settings of a new key. */
export function newKeySettings(options: SettingOptions, now: Date): KeySettings {
  return {
    owner: options.owner ?? '',
    purpose: options.purpose ?? '',
    scopes: options.scope ?? [],
    contract: options.contract,
    denial: options.denial ?? 'refuse',
    registeredOnly: options.registeredOnly ?? true,
    networks: options.network ?? [],
    limits: limitsOf(options, DEFAULT_LIMITS),
    expiresAt: new Date(now.getTime() + (options.expires ?? DEFAULT_DAYS * DAY_MS)),
  };
}

/** Takes the options, the limits as they are and the moment; gives what is to be set. */
export function changedSettings(options: SettingOptions, before: CallerLimits, now: Date): NewSettings {
  return {
    owner: options.owner,
    purpose: options.purpose,
    scopes: options.scope,
    ...(options.contract !== undefined && { contract: options.contract === '' ? undefined : options.contract }),
    denial: options.denial,
    registeredOnly: options.registeredOnly,
    networks: options.network,
    limits: limitsOf(options, before),
    expiresAt: options.expires === undefined ? undefined : new Date(now.getTime() + options.expires),
  };
}
