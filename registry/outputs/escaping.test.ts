import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { hostileFinding, hostileText } from '../../test/harness/hostileFindings.ts';
import { makeFinding, makeReport } from '../../test/harness/exampleReport.ts';
import { renderGithub } from './github.ts';
import { renderMarkdown } from './markdown.ts';
import { code, words } from './markdownText.ts';
import { plainLine } from './plainLine.ts';
import { renderText } from './text.ts';

const options = { isColoured: false, isVerbose: true, folder: '' };
const reports = fc.array(hostileFinding, { maxLength: 6 }).map(makeReport);
const VERDICT_LEVELS = /^(error|warning|notice)$/;

/** Reads a workflow command as GitHub's runner does: the first `::` begins it, the next one ends its properties. */
function parseCommand(line: string): { level: string; properties: Map<string, string>; data: string } | undefined {
  const found = /^\s*::(?<head>.*?)::(?<data>.*)$/su.exec(line);
  if (found?.groups === undefined) return undefined;
  const { head = '', data = '' } = found.groups;
  const space = head.indexOf(' ');
  const unescape = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const properties = head
    .slice(space + 1)
    .split(',')
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), unescape(pair.slice(pair.indexOf('=') + 1))]);
  return { level: head.slice(0, space), properties: new Map(properties), data: unescape(data) };
}

describe('annotations for GitHub', () => {
  it('are one for each finding that is not safe, and one for the result, whatever the findings say', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const lines = renderGithub(report, options)
          .split(/\r\n|[\r\n\u0085\u2028\u2029]/)
          .slice(0, -1);
        const shown = report.findings.filter(({ verdict, fails }) => fails || verdict !== 'safe');
        expect(lines).toHaveLength(shown.length + 1);
        for (const line of lines) {
          const command = parseCommand(line);
          expect(command?.level).toMatch(VERDICT_LEVELS);
          expect(
            [...(command?.properties.keys() ?? [])].filter((key) => !['file', 'line', 'title'].includes(key)),
          ).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('give back file, line and what was found', () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.integer({ min: 1 }), (what, file, line) => {
        const message = { what, expected: '', why: '', mend: '', read: '' };
        const finding = makeFinding({ place: { file, line }, message });
        const [first = ''] = renderGithub(makeReport([finding]), { ...options, folder: 'graph' }).split('\n');
        const command = parseCommand(first);
        expect(command?.properties.get('file')).toBe(plainLine(`graph/${file}`));
        expect(command?.properties.get('line')).toBe(String(line));
        expect(command?.data.split('\n')[0]).toBe(plainLine(what));
      }),
    );
  });
});

const page = new MarkdownIt({ html: true, linkify: false });

/** What a forge shows of Markdown: its text, and the kinds of everything else in it. */
function showInline(markdown: string): { text: string; others: string[] } {
  const inline = page.parseInline(markdown, {})[0]?.children ?? [];
  const text = inline.filter(({ type }) => type === 'text' || type === 'text_special').map(({ content }) => content);
  const others = inline.filter(({ type }) => type !== 'text' && type !== 'text_special');
  return { text: text.join(''), others: others.map(({ type, content }) => (type === 'html_inline' ? content : type)) };
}

describe('texts in Markdown', () => {
  it('are shown as they are, and are nothing else than text and code', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const shown of [words(text, 10_000), code(text, 10_000)]) {
          expect(shown).not.toMatch(/[\n|]/);
          const { text: seen, others } = showInline(`x${shown}x`);
          expect(seen).toBe(`x${plainLine(text)}x`);
          expect(others.filter((kind) => kind !== '<code>' && kind !== '</code>')).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the comment', () => {
  it('has four cells in each row, closed folds and no tag of a finding, whatever the findings say', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const tokens = page.parse(renderMarkdown(report), {});
        const cells = tokens.filter(({ type }) => type === 'td_open').length;
        const rows = tokens.filter(({ type }) => type === 'tr_open').length;
        const tables = tokens.filter(({ type }) => type === 'table_open').length;
        const listed = report.findings.filter(({ verdict, fails }) => fails || verdict !== 'safe').length;
        expect([rows - tables, cells]).toEqual([listed, 4 * listed]);
        const blocks = tokens.filter(({ type }) => type === 'html_block').map(({ content }) => content.trim());
        const folds = blocks.filter((content) => content.startsWith('<details>\n<summary>')).length;
        expect(blocks).toHaveLength(2 * folds);
        expect(blocks.filter((content) => content === '</details>')).toHaveLength(folds);
        const inline = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'html_inline');
        expect(inline.filter(({ content }) => !['<br>', '<code>', '</code>'].includes(content))).toEqual([]);
        expect(tokens.filter(({ type }) => type === 'heading_open')).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('has at most 60,000 characters and closes its folds, however much was found', () => {
    const long = '@a|<'.repeat(500);
    const message = { what: long, expected: long, why: long, mend: long, read: long };
    for (const count of [1, 10, 100, 5000]) {
      const findings = Array.from({ length: count }, (_, at) =>
        makeFinding({ message, coordinate: long, code: long, before: long, fails: at % 2 === 0 }),
      );
      const report = { ...makeReport(findings), subgraphs: Array.from({ length: 500 }, () => long) };
      const comment = renderMarkdown(report);
      expect(comment.length).toBeLessThanOrEqual(60_000);
      expect(comment.split('<details>').length).toBe(comment.split('</details>').length);
      expect(comment.includes('more did not fit')).toBe(count > 1);
    }
  });
});

describe('the text', () => {
  it('sends nothing to a terminal that a schema wrote to steer it', () => {
    fc.assert(
      fc.property(reports, (report) => {
        expect(renderText(report, options).replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u);
      }),
    );
  });

  it('has colours where they are asked for, and the same words', () => {
    const report = makeReport([makeFinding({})]);
    const coloured = renderText(report, { ...options, isColoured: true });
    expect(coloured).toContain('\u001b[31m');
    expect(
      coloured
        .split('\u001b')
        .map((part) => part.replace(/^\[\d+m/, ''))
        .join(''),
    ).toBe(renderText(report, options));
  });

  it('lists safe findings where it is verbose, and counts them where it is not', () => {
    const report = makeReport([makeFinding({ verdict: 'safe', fails: false, coordinate: 'Customer.locale' })]);
    expect(renderText(report, options)).toContain('Customer.locale');
    expect(renderText(report, { ...options, isVerbose: false })).not.toContain('Customer.locale');
    expect(renderText(report, { ...options, isVerbose: false })).toContain('Found: 1 safe.');
  });
});
