// `crm-graph keys …`: create, list, show, set, rotate, revoke, scan, audit. Straight on the gateway's database, by the
// same rules as the admin port. Ends with 0 for done, 1 for refused or found, 2 where it could not be done.
import { Command, CommanderError, Option } from 'commander';
import { ScopeError } from '../../contracts/scope.ts';
import { compareWithKeys, verifyAudit } from '../../gateway/identify/audit.ts';
import type { ChangedWithSecret } from '../../gateway/identify/keyLifecycle.ts';
import { KeyRefusal } from '../../gateway/identify/keyWishes.ts';
import { showRecord } from '../../gateway/identify/shownKey.ts';
import { ConfigError } from '../../platform/config.ts';
import { withKeyDesk, type KeyDesk } from './keyDesk.ts';
import {
  addSettingOptions,
  changedSettings,
  newKeySettings,
  readCount,
  readDuration,
  type SettingOptions,
} from './keyOptions.ts';
import { printAudit, printKey, printKeyList } from './printKeys.ts';
import { scanPaths, type FoundKey } from './scan.ts';

const DONE = 0;
const REFUSED = 1;
const NOT_DONE = 2;
const DEFAULT_OVERLAP_MS = 7 * 86_400_000;
const AUDIT_ENTRIES = 50;
const HEAD = /^([1-9][0-9]*):([0-9a-f]{64})$/;

interface Common {
  readonly json?: boolean;
  readonly reason?: string;
  readonly supergraph?: string;
}

function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}

function complain(error: unknown): number {
  const isRefusal = error instanceof KeyRefusal || error instanceof ScopeError;
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const text = error instanceof ConfigError ? error.faults.join('\n') : message;
  process.stderr.write(`${text}\n`);
  return isRefusal ? REFUSED : NOT_DONE;
}

async function findKey(desk: KeyDesk, id: string): Promise<NonNullable<Awaited<ReturnType<KeyDesk['store']['find']>>>> {
  const key = await desk.store.find(id);
  if (key === undefined) throw new KeyRefusal(`there is no key ${id}`);
  return key;
}

function printSecret({ key, text }: ChangedWithSecret, now: Date, json: boolean | undefined): void {
  const shown = printKey(showRecord(key, now));
  print(json, { key: text, ...showRecord(key, now) }, `${shown}\n  ${text}\n\n`);
  process.stderr.write('The key is shown this once and kept nowhere: store it now, as a secret.\n');
}

async function audit(
  options: Common & { verify?: boolean; head?: string; key?: string; last: number },
): Promise<number> {
  return withKeyDesk(false, async (desk) => {
    if (options.verify !== true) {
      const entries = [...(await desk.audit.latest(options.last, options.key))].reverse();
      print(options.json, entries, printAudit(entries));
      return DONE;
    }
    const [, sequence, hash = ''] = HEAD.exec(options.head ?? '') ?? [];
    if (options.head !== undefined && sequence === undefined) {
      throw new KeyRefusal('--head looks like 12:<64 hexadecimal digits>, as --verify printed it');
    }
    const kept = sequence === undefined ? undefined : { sequence: Number(sequence), hash };
    const verdict = await verifyAudit(desk.audit.read(), kept);
    const faults = [...verdict.faults, ...compareWithKeys(verdict, await desk.store.list())];
    const head = verdict.head === undefined ? null : `${verdict.head.sequence}:${verdict.head.hash}`;
    const good = `the chain of ${verdict.entries} entries is whole; keep its head elsewhere: ${head ?? 'none yet'}\n`;
    const text = faults.length === 0 ? good : faults.map((fault) => `${fault}\n`).join('');
    print(options.json, { entries: verdict.entries, head, faults }, text);
    return faults.length === 0 ? DONE : REFUSED;
  });
}

async function scan(paths: readonly string[], { json }: Common): Promise<number> {
  const found: FoundKey[] = [];
  for await (const key of scanPaths(paths)) {
    found.push(key);
    if (json !== true) process.stdout.write(`${key.file}:${key.line}: ${key.shown}\n`);
  }
  if (json === true) process.stdout.write(`${JSON.stringify(found)}\n`);
  else if (found.length > 0)
    process.stderr.write(`${found.length} found; revoke each: crm-graph keys revoke <id> --reason leaked\n`);
  return found.length === 0 ? DONE : REFUSED;
}

/** Takes who is told the exit code; gives the command for `cli/main.ts`. */
export function keysCommand(finish: (code: number) => void): Command {
  const keys = new Command('keys').description('grant, change, rotate and revoke API keys').exitOverride();
  const run = async (task: () => Promise<number>): Promise<void> => {
    try {
      finish(await task());
    } catch (error) {
      if (error instanceof CommanderError) throw error;
      finish(complain(error));
    }
  };
  const verb = (name: string, description: string): Command =>
    keys.command(name).description(description).option('--json', 'print JSON for programs');
  const changing = (name: string, description: string): Command =>
    verb(name, description).option('--reason <why>', 'a sentence for the audit log');
  const granting = (name: string, description: string): Command =>
    addSettingOptions(changing(name, description)).option('--supergraph <file>', 'whose scopes wildcards stand for');

  granting('create', 'make a key and print it, once')
    .addOption(new Option('--env <env>', 'what it is for').choices(['live', 'test']).default('live'))
    .action((options: Common & SettingOptions & { env: 'live' | 'test' }) =>
      run(() =>
        withKeyDesk(true, async (desk) => {
          const office = await desk.office(options.supergraph);
          const made = await office.create(options.env, newKeySettings(options, desk.now), {
            actor: desk.actor,
            reason: options.reason,
          });
          printSecret(made, desk.now, options.json);
          return DONE;
        }),
      ),
    );
  verb('list', 'list the keys').action(({ json }: Common) =>
    run(() =>
      withKeyDesk(false, async ({ store, now }) => {
        const shown = (await store.list()).map((key) => showRecord(key, now));
        print(json, shown, printKeyList(shown));
        return DONE;
      }),
    ),
  );
  verb('show', 'show one key')
    .argument('<id>')
    .action((id: string, { json }: Common) =>
      run(() =>
        withKeyDesk(false, async (desk) => {
          const shown = showRecord(await findKey(desk, id), desk.now);
          print(json, shown, printKey(shown));
          return DONE;
        }),
      ),
    );
  granting('set', 'set scopes, contract, limits, networks, expiry')
    .argument('<id>')
    .action((id: string, options: Common & SettingOptions) =>
      run(() =>
        withKeyDesk(false, async (desk) => {
          const settings = changedSettings(options, (await findKey(desk, id)).limits, desk.now);
          const office = await desk.office(options.supergraph);
          const shown = showRecord(
            (await office.set(id, settings, { actor: desk.actor, reason: options.reason })).key,
            desk.now,
          );
          print(options.json, shown, printKey(shown));
          return DONE;
        }),
      ),
    );
  changing('rotate', 'give a key a new secret and print it, once')
    .argument('<id>')
    .addOption(
      new Option('--overlap <time>', 'how long the old secret works on')
        .argParser(readDuration)
        .default(DEFAULT_OVERLAP_MS, '7d'),
    )
    .addOption(new Option('--now', 'end the old secret at once').implies({ overlap: 0 }))
    .action((id: string, options: Common & { overlap: number; now?: boolean }) =>
      run(() =>
        withKeyDesk(true, async (desk) => {
          const office = await desk.office();
          const made = await office.rotate(id, options.now === true ? 0 : options.overlap, {
            actor: desk.actor,
            reason: options.reason,
          });
          printSecret(made, desk.now, options.json);
          return DONE;
        }),
      ),
    );
  verb('revoke', 'end a key for good')
    .argument('<id>')
    .requiredOption('--reason <why>', 'a sentence for the audit log and the list')
    .action((id: string, { json, reason }: Common) =>
      run(() =>
        withKeyDesk(false, async (desk) => {
          const shown = showRecord(
            (await (await desk.office()).revoke(id, { actor: desk.actor, reason })).key,
            desk.now,
          );
          print(json, shown, `key ${id} is revoked: ${shown.revokedReason ?? ''}\n`);
          return DONE;
        }),
      ),
    );
  verb('scan', 'look for keys in files and folders; ends with 1 where there is one')
    .argument('<paths...>')
    .action((paths: string[], options: Common) => run(() => scan(paths, options)));
  verb('audit', 'show the audit log, or verify its chain')
    .option('--verify', 'check every entry; ends with 1 where the chain is broken')
    .option('--head <number:hash>', 'with --verify: an entry that was kept elsewhere and must still be there')
    .option('--key <id>', 'entries of one key')
    .addOption(new Option('--last <n>', 'so many entries').argParser(readCount).default(AUDIT_ENTRIES))
    .action((options: Parameters<typeof audit>[0]) => run(() => audit(options)));
  return keys;
}
