// The only reader of the environment. Reads and bounds every setting of `settings.ts` and reports all faults at once,
// before anything starts: a half-configured process does more harm than none.
import { readFileSync } from 'node:fs';
import { SETTINGS, type Setting, type SettingName } from './settings.ts';

type Value<N extends SettingName> = (typeof SETTINGS)[N]['kind'] extends 'number'
  ? number
  : (typeof SETTINGS)[N]['kind'] extends 'boolean'
    ? boolean
    : string;
type Given<N extends SettingName> = (typeof SETTINGS)[N]['default'] extends undefined ? Value<N> | undefined : Value<N>;

/** Every setting by its name; undefined only where the table has no default. */
export type Config = { readonly [N in SettingName]: Given<N> };

/** The settings are faulty: `faults` has one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

function readText(name: SettingName, setting: Setting, env: Environment): string | undefined {
  const path = setting.secret ? env[`${name}_FILE`] : undefined;
  const given = path === undefined ? env[name] : readFileSync(path, 'utf8').trim();
  return given === '' ? undefined : given;
}

function readBounded(name: string, setting: Setting, text: string): string | number | boolean {
  if (setting.kind === 'boolean') {
    if (text !== 'true' && text !== 'false') throw new Error(`${name} must be true or false`);
    return text === 'true';
  }
  const { min, max } = setting;
  if (setting.kind === 'text') {
    if (min !== undefined && text.length < min) throw new Error(`${name} must have at least ${min} characters`);
    return text;
  }
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number`);
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    throw new Error(`${name} must be from ${String(min)} to ${String(max)}`);
  }
  return value;
}

/** Throws when the planner's own limits were switched off from outside (reliability.md, F17). */
function findForbidden(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => /^APOLLO_DISABLE_SECURITY_.*_CHECK$/.test(name))
    .map((name) => `${name} switches a safety limit of the planner off: unset it`);
}

function isKnown(name: string): boolean {
  if (name in SETTINGS) return true;
  const base = name.replace(/_FILE$/, '');
  return base !== name && base in SETTINGS && 'secret' in SETTINGS[base as SettingName];
}

/** A setting that a part needs, or several of which it needs one. */
export type Needed = SettingName | readonly SettingName[];

/** What is missing of what is needed, told by the first of several; nothing where it is there but faulty. */
function findMissing(
  needed: readonly Needed[],
  values: Readonly<Record<string, unknown>>,
  faults: readonly string[],
): string[] {
  return needed.flatMap((wanted) => {
    const names = typeof wanted === 'string' ? [wanted] : wanted;
    const isTold = names.some(
      (name) => values[name] !== undefined || faults.some((fault) => fault.startsWith(`${name} `)),
    );
    const [first, ...others] = names;
    if (isTold || first === undefined) return [];
    const or = others.map((name) => `; or ${name}`).join('');
    return [`${first} is missing: ${SETTINGS[first].purpose}${or}`];
  });
}

/**
 * Takes the environment (the process's own by default) and the names without default that the part needs.
 * Gives every setting, bounded. Throws ConfigError with all faults at once.
 */
export function readConfig(needed: readonly Needed[] = [], env: Environment = process.env): Config {
  const faults = findForbidden(env);
  for (const name of Object.keys(env)) {
    if (name.startsWith('CRM_') && !isKnown(name)) faults.push(`${name} is not a setting: see docs/settings.md`);
  }
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
    try {
      const text = readText(name, setting, env);
      values[name] = text === undefined ? setting.default : readBounded(name, setting, text);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  faults.push(...findMissing(needed, values, faults));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as unknown as Config;
}

/** The environment as it is, for a process that starts others and hands it on. */
export function inheritedEnvironment(): Record<string, string> {
  const given = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
