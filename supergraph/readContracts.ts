// Reads contracts.yaml: by name, the tags that a contract shows and those that it hides. Faults are told all at once,
// with their lines. A filter without any tag is a fault: it would show everything under the name of a contract.
import { z } from 'zod';
import { checkYaml, readYamlFile, type CheckedYaml } from '../platform/yamlFile.ts';
import type { TagFilter } from './composeContract.ts';

/** The contracts of one gateway, by name. */
export type Contracts = ReadonlyMap<string, TagFilter>;

const CONTRACTS_MAX = 200;
const TAGS_MAX = 100;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const TAG = /^[A-Za-z_][A-Za-z0-9_/-]{0,127}$/;

const tags = z
  .array(
    z.string('must be a tag').regex(TAG, 'must be a tag: letters, digits, _, - and /'),
    'must be a list of tags, as [pii, internal]',
  )
  .min(1, 'must name a tag')
  .max(TAGS_MAX, `has more than ${TAGS_MAX} tags`)
  .optional();

const filter = z
  .strictObject(
    { include: tags, exclude: tags },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'must say what it shows or hides, as {exclude: [pii]}' : undefined,
    },
  )
  // Not of one that has another fault already.
  .superRefine(({ include, exclude }, context) => {
    if (context.issues.length > 0) return;
    if (include === undefined && exclude === undefined) context.addIssue('names no tag, and so would show everything');
    const both = (include ?? []).find((tag) => exclude?.includes(tag));
    if (both !== undefined) context.addIssue(`both includes and excludes ${both}`);
  });

const file = z
  .record(z.string().regex(NAME), filter, {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'is no name of a contract: a letter, then letters, digits, _ and -'
        : 'must be a map from contract to its tags',
  })
  .refine((contracts) => Object.keys(contracts).length <= CONTRACTS_MAX, `has more than ${CONTRACTS_MAX} contracts`);

/** Takes the file's text; gives the contracts, or one sentence for each fault. */
export function checkContracts(text: string): CheckedYaml<Contracts> {
  const checked = checkYaml(text, file, 'is unknown here: only include and exclude are');
  if ('faults' in checked) return checked;
  const contracts = Object.entries(checked.value).map(
    ([name, { include, exclude }]) =>
      [name, { include: new Set(include), exclude: new Set(exclude) }] satisfies [string, TagFilter],
  );
  return { value: new Map(contracts) };
}

/** Takes a path; gives the file's contracts. Throws StartError with every fault of it. */
export function readContracts(path: string): Contracts {
  return readYamlFile(path, checkContracts, 'docs/contracts.md');
}
