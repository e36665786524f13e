// Findings whose texts try to be more than texts: to end a property, a cell, a tag, a line; for property tests of outputs.
import fc from 'fast-check';
import type { Finding } from '../../registry/finding.ts';
import { makeFinding } from './exampleReport.ts';

const PIECES = [
  '\n::error title=forged::forged\n',
  '\r\n::set-output name=x::y',
  '##[error]forged',
  '%0A::error::forged',
  '::stop-commands::x',
  ',line=1,title=forged::',
  '</details>',
  '</summary><script>alert(1)</script>',
  '\n\n</details>\n\n# Forged',
  ' | forged | cell |',
  '\\|',
  '`|`',
  '``` \n',
  '<!-- ',
  '-->',
  ']]>',
  '<![CDATA[',
  '&#124;',
  '&lt;b&gt;',
  '<b>',
  '"><failure/>',
  "' onclick='",
  '[link](http://forged.example)',
  'https://forged.example',
  'www.forged.example',
  '@everyone',
  '#1',
  '!1',
  '**bold** _em_ ~~gone~~',
  '\u001b[31mred\u001b[0m',
  '\u001b]8;;http://forged.example\u0007link',
  '\u202eesrever',
  '\u2028::error::forged',
  '\u0000',
  '\ud800',
  '\ufffe',
  'Query.field(argument:)',
  'words',
];

/** Any text, often one that forges. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 6 })
  .map((pieces) => pieces.join(''));

const optionalText = fc.option(hostileText, { nil: undefined });

/** A finding that such texts are in wherever a text can be. */
export const hostileFinding: fc.Arbitrary<Finding> = fc
  .record({
    code: hostileText.map((text) => `C${text}`),
    verdict: fc.constantFrom('safe', 'dangerous', 'breaking', 'unsafe', 'warning', 'error'),
    coordinate: optionalText,
    subgraph: optionalText,
    views: fc.array(hostileText, { maxLength: 2 }),
    before: optionalText,
    after: optionalText,
    place: fc.option(fc.record({ file: hostileText, line: fc.integer({ min: 1, max: 9999 }) }), { nil: undefined }),
    message: fc.record({
      what: hostileText,
      expected: hostileText,
      why: hostileText,
      mend: hostileText,
      read: hostileText,
    }),
    fails: fc.boolean(),
    name: hostileText,
    isUsed: fc.boolean(),
    isApproved: fc.boolean(),
  })
  .map(({ name, isUsed, isApproved, ...parts }) =>
    makeFinding({
      ...parts,
      ...(isUsed && {
        usage: {
          isExcused: !parts.fails,
          because: name,
          share: 0.5,
          affected: [
            {
              kind: 'key',
              name,
              version: name,
              count: 3,
              lastSeen: name,
              operations: [{ hash: name, name, count: 1 }],
            },
          ],
        },
      }),
      ...(isApproved && { approval: { approvers: [name], reason: name, until: '2027-01-01' } }),
    }),
  );
