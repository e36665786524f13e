// `schema show`: one release with all that is known of it.
import type { Command } from 'commander';
import type { SignedRelease } from '../../store/release.ts';
import type { PublishedSchemas } from '../../store/storeReader.ts';
import type { CheckReport } from '../finding.ts';
import { plainLine } from '../outputs/plainLine.ts';
import { EXIT, type Exit } from './exit.ts';
import { findRelease, printJson, say, storeCommand, withPublished, type StoreOptions } from './storeOptions.ts';

async function readReport(published: PublishedSchemas, { release }: SignedRelease): Promise<CheckReport | null> {
  if (release.report === null) return null;
  return JSON.parse(await published.text(release.report, 'json')) as CheckReport;
}

function describeReport(report: CheckReport | null): string {
  if (report === null) return 'none';
  const counted = Object.entries(report.counts).filter(([, count]) => count > 0);
  const findings = counted.map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  return `${report.passed ? 'passed' : 'failed'}; against ${report.compared.base}; ${findings || 'no findings'}`;
}

function print({ release, hash, signature }: SignedRelease, report: CheckReport | null): void {
  const lines: [string, string | undefined][] = [
    ['release', `#${release.number} ${hash}`],
    ['supergraph', release.supergraph],
    ...Object.entries(release.contracts).map(([name, of]) => [`contract ${name}`, of] satisfies [string, string]),
    ['published', `${release.publishedAt} by ${release.author}`],
    ['commit', release.commit ?? undefined],
    ['message', release.message],
    ['action', release.action],
    ['loosened', release.loosenedBecause ?? undefined],
    ['before', release.parent ?? undefined],
    ['signed', signature === null ? 'no' : 'yes'],
    ['check', describeReport(report)],
  ];
  const shown = lines.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  const line = (name: string, value: string): string => `${plainLine(name).padEnd(width)}  ${plainLine(value)}\n`;
  process.stdout.write(shown.map(([name, value = '']) => line(name, value)).join(''));
}

function run(wanted: string | undefined, options: StoreOptions): Promise<Exit> {
  return withPublished(options, async ({ published }) => {
    const signed = await findRelease(published, wanted);
    if (typeof signed === 'string') return say(signed, EXIT.wrongUsage);
    const report = await readReport(published, signed);
    if (options.json === true) printJson({ ...signed, report });
    else print(signed, report);
    return EXIT.done;
  });
}

/** Takes what is told the exit code; gives the command. */
export function showCommand(exit: (code: Exit) => void): Command {
  return storeCommand('show', 'show one release: who published what, and what its check found')
    .argument('[hash]', 'the first digits of the hash, or #number; the newest by default')
    .action(async (wanted: string | undefined, options: StoreOptions) => exit(await run(wanted, options)));
}
