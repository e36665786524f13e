// A subgraph's answer: text → data and errors, nothing believed. Keys that could reach a prototype are refused; the slow
// search for them runs only where the text could hold one.
import { parse as parseSafely } from 'secure-json-parse';
import { isFields, type Fields } from '../compiledOperation.ts';
import type { DatabaseCommand } from '../requestState.ts';

/** What an answer says, before it is held against what was asked. */
export interface GivenAnswer {
  readonly data: unknown;
  readonly errors: readonly GivenError[];
  readonly extensions: unknown;
}

/** An error as a subgraph gives it. */
export interface GivenError {
  readonly message: unknown;
  readonly code: unknown;
  readonly path: readonly (string | number)[];
}

/** What could reach a prototype; as one pattern, which is looked for five times faster than two texts. */
const REACHING = /__proto__|constructor/;

/** Takes JSON of others; gives its value. Throws for what is no JSON, or has keys that reach a prototype. */
export function parseForeign(text: string): unknown {
  return !REACHING.test(text) && !text.includes('\\u')
    ? JSON.parse(text)
    : parseSafely(text, undefined, { protoAction: 'error', constructorAction: 'error' });
}

function isStep(step: unknown): step is string | number {
  return typeof step === 'string' || (typeof step === 'number' && Number.isInteger(step) && step >= 0);
}

function readError(given: unknown): GivenError {
  const error: Fields = isFields(given) ? given : {};
  const extensions = error['extensions'];
  const path: unknown[] = Array.isArray(error['path']) ? error['path'] : [];
  return {
    message: error['message'],
    code: isFields(extensions) ? extensions['code'] : undefined,
    path: path.every(isStep) ? path : [],
  };
}

/**
 * Takes the text of an answer; gives what it says, or undefined where it is no JSON object. All errors are read, as many
 * as an answer may hold: a null whose error nobody read would pass for a value.
 */
export function parseAnswer(text: string): GivenAnswer | undefined {
  let json: unknown;
  try {
    json = parseForeign(text);
  } catch {
    return undefined;
  }
  if (!isFields(json)) return undefined;
  const given = json['errors'];
  const list: unknown[] = Array.isArray(given) ? given : given === undefined || given === null ? [] : [given];
  return { data: json['data'], errors: list.map(readError), extensions: json['extensions'] };
}

/** Takes an answer's extensions; gives the database commands that the subgraph says it sent. */
export function readCommands(extensions: unknown): DatabaseCommand[] {
  const commands = isFields(extensions) ? extensions['databaseCommands'] : undefined;
  if (!Array.isArray(commands)) return [];
  return commands.filter(isFields).map((given) => ({
    command: String(given['command']).slice(0, 40),
    collection: String(given['collection']).slice(0, 100),
    ms: Number(given['ms']) || 0,
  }));
}
