// The shape of sync.yaml without what depends on the kind of source (its options) and on the target (its fields).
import { z } from 'zod';
import { describeUnknown } from './nearestName.ts';
import type { ConfigFault, Path } from './positionedYaml.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const WHOLE_MAX = Number.MAX_SAFE_INTEGER;

const schedule = z.strictObject({
  cron: z.string().regex(/^\s*\S+(?:\s+\S+){4,5}\s*$/, 'expected five or six fields of cron, like "0 3 * * *"'),
  timeZone: z.string().default('UTC'),
  misfire: z.enum(['fireOnceNow', 'doNothing', 'fireAll']).default('fireOnceNow'),
});

const limits = z.strictObject({
  rows: z.int().min(1).max(WHOLE_MAX).optional(),
  bytes: z.int().min(1).max(WHOLE_MAX).optional(),
  minutes: z.number().positive().max(10_080).default(720),
});

/** One source, without what depends on its kind and its target. */
export const SOURCE_SHAPE = z.strictObject({
  connector: z.string(),
  options: z.record(z.string(), z.unknown()).default({}),
  target: z.string(),
  source: z.string().min(1).max(100).optional(),
  externalId: z.unknown().optional(),
  fields: z.record(z.string(), z.unknown()),
  schedule: schedule.optional(),
  limits: limits.prefault({}),
});

/** The whole file, its sources unread. */
export const CONFIG_SHAPE = z.strictObject({
  version: z.literal(1),
  sources: z.record(z.string().regex(NAME), z.unknown()),
});

/** When a source is to be read by itself. */
export type ScheduleDefinition = z.infer<typeof schedule>;

/** What one run may take; without rows or bytes there is no such limit. */
export type RunLimits = z.infer<typeof limits>;

/** One source as the file has it. */
export type SourceShape = z.infer<typeof SOURCE_SHAPE>;

/** The keys that a shape knows at a path, for messages. */
function knownKeysAt(shape: unknown, path: Path): string[] {
  let at: unknown = shape;
  for (const step of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap();
    if (step === undefined) break;
    if (at instanceof z.ZodObject) at = (at.shape as Record<PropertyKey, unknown>)[step];
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Takes a value, its shape and where it stands; gives the value as the shape reads it, or adds what is wrong. */
export function readShape<T>(value: unknown, shape: z.ZodType<T>, path: Path, faults: ConfigFault[]): T | undefined {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    const place = [...path, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeysAt(shape, issue.path);
      for (const key of issue.keys) {
        const message = known.length === 0 ? `"${key}" is not known here` : describeUnknown(key, 'key', known);
        faults.push({ path: [...place, key], message });
      }
    } else if (issue.code === 'invalid_key') {
      faults.push({ path: place, message: 'expected a name of a-z, 0-9, - and _, at most 64 characters' });
    } else {
      faults.push({ path: place, message: `${String(issue.path.at(-1) ?? 'the file')}: ${issue.message}` });
    }
  }
  return undefined;
}
