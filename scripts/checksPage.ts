// Prints docs/checks.md: every code of a schema check, as registry/codes has them, with what a check said of it in one of
// the golden cases.
import { readdirSync, readFileSync } from 'node:fs';
import { API_CODES } from '../registry/codes/apiCodes.ts';
import { CHECK_CODES, COMPOSITION } from '../registry/codes/checkCodes.ts';
import type { Code, Codes } from '../registry/codes/code.ts';
import { GRAPH_CODES } from '../registry/codes/graphCodes.ts';

const CASES = new URL('../registry/cases/', import.meta.url);
const FINDING = /^ {4}[✗·] .* {2}([A-Z][A-Z0-9_]+) {2}.*\n {6}(.*)$/gm;

interface Example {
  readonly name: string;
  readonly line: string;
}

/** The first finding of each code: of the case that is named after it, if there is one, then of the shortest page. */
function readExamples(): ReadonlyMap<string, Example> {
  const examples = new Map<string, Example & { readonly weight: number }>();
  for (const name of readdirSync(CASES).sort()) {
    const page = readFileSync(new URL(`${name}/page.txt`, CASES), 'utf8');
    for (const [, code = '', line = ''] of page.matchAll(FINDING)) {
      const isNamed = name === code.toLowerCase().replaceAll('_', '-');
      const weight = isNamed ? 0 : page.length;
      if (weight < (examples.get(code)?.weight ?? Infinity)) examples.set(code, { name, line, weight });
    }
  }
  return examples;
}

function printCode(name: string, code: Code, example: Example | undefined): string {
  const shown =
    example && `\nFor example (\`registry/cases/${example.name}\`):\n\n\`\`\`text\n${example.line}\n\`\`\`\n`;
  return `### ${name}

${code.title}: ${code.verdict}.

- **Expected:** ${code.expected}
- **Why:** ${code.why}
- **To mend it:** ${code.mend}
${shown ?? ''}`;
}

function printCodes(codes: Codes, examples: ReadonlyMap<string, Example>): string {
  return Object.entries(codes)
    .map(([name, code]) => printCode(name, code, examples.get(name)))
    .join('\n');
}

/** Takes the note of a printed page; gives the page. */
export function printChecks(note: string): string {
  const examples = readExamples();
  return `# What a schema check finds

${note}

Each finding of \`crm-graph schema check\` has a code; \`crm-graph schema check --explain CODE\` prints its part of this page.
The verdict is the usual one: a finding can have another, as a change of a type that still fits is safe. What is
*breaking*, *unsafe* or an *error* fails the check; *dangerous* does with \`--dangerous-as-breaking\`, a *warning* with
\`--strict\`. [schema-checks.md](schema-checks.md) says how to begin.

- [Changes of what clients see](#changes-of-what-clients-see)
- [Changes that clients feel and do not see](#changes-that-clients-feel-and-do-not-see)
- [Everything else](#everything-else)
- [Composition](#composition)

## Changes of what clients see

${printCodes(API_CODES, examples)}
## Changes that clients feel and do not see

${printCodes(GRAPH_CODES, examples)}
## Everything else

${printCodes(CHECK_CODES, examples)}
## Composition

${COMPOSITION.title}: ${COMPOSITION.verdict}. The code is the composer's own, such as \`INVALID_FIELD_SHARING\`.

- **Expected:** ${COMPOSITION.expected}
- **Why:** ${COMPOSITION.why}
- **To mend it:** ${COMPOSITION.mend}

For example (\`registry/cases/compose-field-not-shareable\`):

\`\`\`text
${examples.get('INVALID_FIELD_SHARING')?.line ?? ''}
\`\`\`
`;
}
