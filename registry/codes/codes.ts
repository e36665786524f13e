// All codes of a check, and the page of each, as `crm-graph schema check --explain CODE` and docs/checks.md show it.
import { API_CODES } from './apiCodes.ts';
import { CHECK_CODES, COMPOSITION } from './checkCodes.ts';
import type { Code, Codes } from './code.ts';
import { GRAPH_CODES } from './graphCodes.ts';

/** Every code but those that composers give. */
export const CODES: Codes = { ...API_CODES, ...GRAPH_CODES, ...CHECK_CODES };

/** Gives the page of a code; a code that is none of ours is a composer's. */
export function codeOf(name: string): Code {
  return (Object.hasOwn(CODES, name) ? CODES[name] : undefined) ?? COMPOSITION;
}

/** Takes the name of a code; gives its page in lines, undefined for what can not be one. */
export function explainCode(name: string): string | undefined {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) return undefined;
  const { title, verdict, expected, why, mend } = codeOf(name);
  return [
    `${name}: ${title} (${verdict})`,
    '',
    `Expected  ${expected}`,
    `Why       ${why}`,
    `To mend   ${mend}`,
    `Read      docs/checks.md#${name.toLowerCase()}`,
    '',
  ].join('\n');
}
