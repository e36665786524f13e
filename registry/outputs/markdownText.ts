// Texts inside Markdown of any forge: no text of a schema can start a cell, a tag, a link, a mention or a list.
import { cutLine, plainLine } from './plainLine.ts';

/** Characters that mean something to Markdown or HTML, as entities: those are never structure. */
const MEANING = /[\\`*{}[\]<>#+!|~&@$^"%=]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/)|(?<=www)\./gi;
/** What forges make links to people, issues and labels of, except within code: `@name`, `#12`, `!12`, `~label`. */
const REFERENCE = /[@#!~$%&^][\w.-]+/g;

function escapeSpecial(text: string): string {
  return text.replace(MEANING, (character) => `&#${character.charCodeAt(0)};`);
}

/** Takes any text and how many characters fit; gives it as words in a cell or a paragraph. */
export function words(text: string, charactersMax: number): string {
  const line = cutLine(plainLine(text), charactersMax);
  let escaped = '';
  let end = 0;
  for (const found of line.matchAll(REFERENCE)) {
    escaped += `${escapeSpecial(line.slice(end, found.index))}<code>${escapeSpecial(found[0])}</code>`;
    end = found.index + found[0].length;
  }
  return escaped + escapeSpecial(line.slice(end));
}

/** Takes any text and how many characters fit; gives it as code in a cell or a paragraph. */
export function code(text: string, charactersMax: number): string {
  return `<code>${escapeSpecial(cutLine(plainLine(text), charactersMax))}</code>`;
}
