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
  const code = codeOf(name);
  const { title, verdict, expected, why, mend } = code;
  const isOurs = code !== COMPOSITION;
  return [
    isOurs
      ? `${name}: ${title} (${verdict})`
      : `${name} is no code of crm-graph's own. Of one that a composer gives: ${title} (${verdict})`,
    '',
    `Expected  ${expected}`,
    `Why       ${why}`,
    `To mend   ${mend}`,
    `Read      docs/checks.md#${isOurs ? name.toLowerCase() : 'composition'}`,
    '',
  ].join('\n');
}
