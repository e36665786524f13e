// Recorded usage: a file that `crm-graph usage export` wrote, so that a check works without a database, or the gateway's
// database itself.
import { z } from 'zod';
import type { UsageExport } from '../../contracts/usageExport.ts';
import { readConfig } from '../../platform/config.ts';
import { readNamedFile, RegistryError } from '../readSupergraphFile.ts';

const DAY_MS = 86_400_000;

const moment = z.iso.datetime();
const count = z.number().int().nonnegative();
const UsageFile = z.object({
  formatVersion: z.literal(1),
  from: moment,
  to: moment,
  gaps: z.array(z.object({ from: moment, to: moment })),
  requests: count,
  rows: z.array(
    z.object({
      coordinate: z.string(),
      caller: z.object({ kind: z.enum(['key', 'client']), name: z.string(), version: z.string().optional() }),
      operation: z.object({ hash: z.string(), name: z.string().optional() }),
      contract: z.string().optional(),
      count,
      firstSeen: moment,
      lastSeen: moment,
    }),
  ),
});

async function readUsageFile(file: string): Promise<UsageExport> {
  let json: unknown;
  try {
    json = JSON.parse(await readNamedFile(file, 'the recorded usage'));
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError([`${file}: is no JSON`]);
  }
  const checked = UsageFile.safeParse(json);
  if (checked.success) return checked.data as UsageExport;
  const [issue] = checked.error.issues;
  throw new RegistryError([
    `${file}: ${issue?.path.join('.') ?? ''} is missing or is not as expected; was it written by \`crm-graph usage export\`?`,
  ]);
}

/** The gateway's own database, or the one that a URI names. */
async function readDatabase(named: string, days: number, now: Date): Promise<UsageExport> {
  // What needs no database does not wait for its driver.
  const { readUsage } = await import('../../usage/mongoUsage.ts');
  const config = readConfig();
  const from = new Date(now.getTime() - days * DAY_MS);
  return readUsage(named === 'mongodb:' ? config : { ...config, CRM_KEYS_URI: named }, { from, to: now });
}

/**
 * Takes a file's path, `mongodb:` for the gateway's database or a MongoDB URI, and how many days count; gives the usage.
 * Throws RegistryError for a file that is none, StartError where no database answers.
 */
export function openUsage(named: string, days: number, now: Date): Promise<UsageExport> {
  return /^mongodb(\+srv)?:/.test(named) ? readDatabase(named, days, now) : readUsageFile(named);
}
