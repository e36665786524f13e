// Texts of schemas come from whoever writes a schema: before any output shows them they become one harmless line.

/** Controls, line and paragraph separators, marks that turn the direction of writing, invisible signs, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]+/gu;

/** Takes any text; gives it in one line, with nothing in it that a terminal, a page or a reader would not show as it is. */
export function plainLine(text: string): string {
  return text.replace(UNSEEN, ' ').replace(/ {2,}/g, ' ').trim();
}

/** Takes one line and how many UTF-16 units fit; gives it, cut with a mark where it is longer, never within a character. */
export function cutLine(line: string, unitsMax: number): string {
  if (line.length <= unitsMax) return line;
  return `${line.slice(0, unitsMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
