// Reads schema-approvals.yaml: changes that were reviewed and may break what they break. A file with a fault approves
// nothing: nobody can tell what its author meant.
import { isCollection, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { checkYaml } from '../../platform/yamlFile.ts';

/** One entry: exactly this change, by whom, why and until when. */
export interface Approval {
  readonly fingerprint: string;
  readonly reason: string;
  readonly approvers: readonly string[];
  /** The last day on which it holds, `2026-12-31`. */
  readonly until: string;
  /** What the change is, in words, for who reads the file. */
  readonly change: string | undefined;
  /** Where the entry begins. */
  readonly line: number;
}

/** What a file of approvals says; without entries where it has a fault. */
export interface Approvals {
  /** The file's path, as findings name it. */
  readonly file: string;
  readonly entries: readonly Approval[];
  readonly faults: readonly { readonly line: number; readonly text: string }[];
}

const ENTRIES_MAX = 1_000;
const APPROVERS_MAX = 20;
const WORDS_MAX = 2_000;

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const words = (what: string) =>
  z.string(`must be ${what}`).trim().min(1, `must be ${what}`).max(WORDS_MAX, `has more than ${WORDS_MAX} characters`);

const fingerprint = z
  // 16 digits without a letter, or with an `e` among them, are a number to YAML.
  .string('must be the fingerprint in quotes: 16 hexadecimal digits, as a report shows them')
  .regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits, as a report shows them');

const entry = z.strictObject(
  {
    fingerprint,
    reason: words('why the change has to be'),
    approvers: z
      .array(words('a name'), 'must be a list of names, as [ana, ben]')
      .min(1, 'must name who approves')
      .max(APPROVERS_MAX, `has more than ${APPROVERS_MAX} names`),
    until: z
      .string('must be the last day on which it holds, as 2026-12-31')
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day, as 2026-12-31')
      .refine(isDay, 'is no day of the calendar'),
    change: words('what the change is, in words').optional(),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'must say fingerprint, reason, approvers and until' : undefined) },
);

const file = z.preprocess(
  // An empty file is given as an empty map.
  (given) => (typeof given === 'object' && given !== null && Object.keys(given).length === 0 ? [] : given),
  z
    .array(entry, 'must be a list of approvals, each beginning with `- fingerprint:`')
    .max(ENTRIES_MAX, `has more than ${ENTRIES_MAX} approvals`)
    .superRefine((entries, context) => {
      entries.forEach((later, at) => {
        const first = entries.findIndex((earlier) => earlier.fingerprint === later.fingerprint);
        if (first === at) return;
        context.addIssue({ code: 'custom', path: [at, 'fingerprint'], message: 'is approved already further up' });
      });
    }),
);

/** Where each entry begins; only of a file that has no fault. */
function entryLines(text: string): number[] {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: counter });
  if (!isCollection(contents)) return [];
  return contents.items.map((item) => counter.linePos(isNode(item) ? item.range[0] : 0).line);
}

/** Takes the text of schema-approvals.yaml and the path that findings are to name; gives its entries, or its faults. */
export function readApprovals(text: string, path: string): Approvals {
  const checked = checkYaml(text, file, 'is unknown here: only fingerprint, reason, approvers, until and change are');
  if ('faults' in checked) {
    const faults = checked.faults.map((fault) => {
      const [, line = '1', what = fault] = /^line (\d+): (.*)$/s.exec(fault) ?? [];
      return { line: Number(line), text: what };
    });
    return { file: path, entries: [], faults };
  }
  const lines = entryLines(text);
  const entries = checked.value.map((said, at) => ({ ...said, change: said.change, line: lines[at] ?? 1 }));
  return { file: path, entries, faults: [] };
}
