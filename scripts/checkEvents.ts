// Refuses a change of events that a reader would stumble over: compares the events of the working tree with those of a
// commit, the merge base with the main branch by default. `node scripts/checkEvents.ts [--base REF] [--approve TYPE]`
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { RegistryError } from '../registry/readSupergraphFile.ts';
import { openGitRef, openMergeBase } from '../registry/load/schemaSource.ts';
import { compareEvents, printFinding } from './compareEvents.ts';
import { makeEventDocument, type EventDocument } from './eventDocument.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENT = 'docs/asyncapi.yaml';

const { values } = parseArgs({
  options: { base: { type: 'string' }, approve: { type: 'string', multiple: true, default: [] } },
});

async function readBase(): Promise<{ name: string; document: EventDocument | undefined }> {
  const source = await (values.base === undefined ? openMergeBase(ROOT) : openGitRef(ROOT, values.base));
  const text = await source.read(DOCUMENT);
  return { name: source.name, document: text === undefined ? undefined : (parse(text) as EventDocument) };
}

try {
  const { name, document } = await readBase();
  const all = document === undefined ? [] : compareEvents(document, makeEventDocument());
  const findings = all.filter(({ type }) => !values.approve.includes(type));
  for (const finding of findings) console.error(printFinding(finding));
  const told = document === undefined ? `there were no events in ${name}` : `compared with ${name}`;
  console.log(`Event check ${findings.length > 0 ? `failed: ${findings.length} breaking` : 'passed'}; ${told}.`);
  if (findings.length > 0) process.exitCode = 1;
} catch (error) {
  // Without a repository, as in an unpacked archive, there is nothing to compare with.
  if (!(error instanceof RegistryError)) throw error;
  console.error(error.message);
  process.exitCode = values.base === undefined ? 0 : 2;
}
