// What the commands share that work on what is published: the option that names the store, how a release is named, and
// what is said where the store fails.
import { mkdir } from 'node:fs/promises';
import { Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { shortHash, type SignedRelease } from '../../store/release.ts';
import type { Signing } from '../../store/signature.ts';
import { StoreAway, StoreRefusal } from '../../store/storeFault.ts';
import { openReader, PlaceError, readPlace, signingOf, type StorePlace } from '../../store/storePlace.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { plainLine } from '../outputs/plainLine.ts';
import type { PublishDesk, PublishOutcome } from '../publish.ts';
import { openStore } from '../stores/openStore.ts';
import { EXIT, type Exit } from './exit.ts';

/** The options of every command on a store. */
export interface StoreOptions {
  readonly store?: string;
  readonly unsigned?: true;
  readonly json?: true;
}

/** A store that is open, and its name as it was given. */
export interface OpenedStore {
  readonly published: PublishedSchemas;
  readonly name: string;
}

const HASH_DIGITS_MIN = 4;

/** Takes a command's name and what it does; gives the command with the options of all of them. */
export function storeCommand(name: string, does: string): Command {
  return new Command(name)
    .description(does)
    .option('--store <place>', 'file:FOLDER, mongodb://host/database or mongodb: (SUPERGRAPH_SOURCE by default)')
    .option('--unsigned', 'take releases that nobody signed, too, although CRM_REGISTRY_SECRET is set')
    .option('--json', 'for programs');
}

/** Says something in one sentence, and gives the exit code. */
export function say(sentence: string, exit: Exit): Exit {
  process.stderr.write(`${sentence}\n`);
  return exit;
}

/** Writes a value for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

function describeFault(error: StoreAway | StoreRefusal): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  // Signing begins in a store where nothing was signed yet.
  const hint = error.message.includes('is not signed')
    ? '; look at it, and publish a signed one on it, with --unsigned'
    : '';
  return `${error.message}${cause}${hint}`;
}

async function guarded(
  { store, unsigned }: StoreOptions,
  task: (place: StorePlace, signing: Signing, name: string) => Promise<Exit>,
): Promise<Exit> {
  const config = readConfig();
  const name = store ?? config.SUPERGRAPH_SOURCE;
  if (name === undefined) return say('name a store: --store file:FOLDER, or SUPERGRAPH_SOURCE', EXIT.wrongUsage);
  try {
    const signing = { ...signingOf(config), takesUnsigned: unsigned === true };
    return await task(readPlace(name, config), signing, name);
  } catch (error) {
    if (error instanceof PlaceError) return say(`the store ${error.message}`, EXIT.wrongUsage);
    if (error instanceof StoreAway || error instanceof StoreRefusal) return say(describeFault(error), EXIT.couldNot);
    throw error;
  }
}

/** Opens the store for reading, runs the task and closes it. */
export function withPublished(options: StoreOptions, task: (opened: OpenedStore) => Promise<Exit>): Promise<Exit> {
  return guarded(options, async (place, signing, name) => {
    const reader = await openReader(place);
    if (reader === undefined) throw new PlaceError('is one supergraph alone, without releases');
    try {
      return await task({ published: new PublishedSchemas(reader, signing), name });
    } finally {
      await reader.close();
    }
  });
}

/** Opens the store for publishing, runs the task and closes it. A folder that is not there is made. */
export function withDesk(
  options: StoreOptions,
  task: (desk: PublishDesk, opened: OpenedStore) => Promise<Exit>,
): Promise<Exit> {
  return guarded(options, async (place, signing, name) => {
    if (place.kind === 'folder') await mkdir(place.path, { recursive: true });
    const store = await openStore(place);
    try {
      const published = new PublishedSchemas(store.reader, signing);
      const newest = await published.current();
      if (signing.secret === undefined && typeof newest?.signature === 'string') {
        return say(
          'not done: releases are signed here, so set CRM_REGISTRY_SECRET; no gateway would take yours',
          EXIT.refused,
        );
      }
      return await task({ store, signing, clock: systemClock }, { published, name });
    } finally {
      await store.close();
    }
  });
}

/**
 * Finds a release by the first digits of its supergraph's hash or of its own, or by its number; the newest without any.
 * Gives a sentence where there is none, or several.
 */
export async function findRelease(
  published: PublishedSchemas,
  wanted: string | undefined,
): Promise<SignedRelease | string> {
  if (wanted === undefined) return (await published.current()) ?? 'nothing was published yet';
  // Digits alone can be a hash's first as well, where there are enough of them for one.
  const number = /^(?:#(\d{1,15})|(\d{1,4}))$/.exec(wanted);
  const found: SignedRelease[] = [];
  for await (const signed of published.history()) {
    if (number !== null && signed.release.number === Number(number[1] ?? number[2])) return signed;
    if (wanted.length < HASH_DIGITS_MIN) continue;
    if (signed.hash.startsWith(wanted) || signed.release.supergraph.startsWith(wanted)) found.push(signed);
  }
  const [first] = found;
  if (first === undefined) return `no release is ${wanted}: \`crm-graph schema history\` lists them`;
  const supergraphs = new Set(found.map(({ release }) => release.supergraph));
  return supergraphs.size === 1 ? first : `${wanted} fits ${supergraphs.size} supergraphs: give more digits`;
}

/** One line for people. */
export function describeRelease({ release }: SignedRelease): string {
  const { number, supergraph, action, author, publishedAt, message } = release;
  const [firstLine = ''] = message.split('\n');
  const what = action === 'rollback' ? 'rollback: ' : '';
  const when = publishedAt.slice(0, 16).replace('T', ' ');
  return `#${number}  ${shortHash(supergraph)}  ${when}  ${plainLine(author)}  ${what}${plainLine(firstLine)}`;
}

/** Tells what came of a publish or a rollback, for people or programs; gives the exit code. */
export function tellOutcome(outcome: PublishOutcome, { json }: StoreOptions): Exit {
  const { kind } = outcome;
  const signed = kind === 'overtaken' ? outcome.by : outcome.signed;
  if (json === true) printJson({ outcome: kind, ...signed });
  else if (kind === 'published') process.stdout.write(`published  ${describeRelease(signed)}\n`);
  else if (kind === 'unchanged')
    process.stdout.write(`nothing to publish, these schemas are  ${describeRelease(signed)}\n`);
  else {
    process.stderr.write(
      `not published: somebody was faster\n  ${describeRelease(signed)}\nYours was checked against the release before. Bring your branch up to it, check, and publish again.\n`,
    );
  }
  return kind === 'overtaken' ? EXIT.refused : EXIT.done;
}
