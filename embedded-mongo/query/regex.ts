// MongoDB's regular expressions as JavaScript's: the options that both have, and refusals for those that differ.
import { MongoFault } from '../mongoFault.ts';
import { regexParts } from '../values/compare.ts';
import { KIND, kindOf } from '../values/kinds.ts';

/** Takes pattern and options (i, m, s, u); gives the expression. Throws 51091 for a pattern that is none. */
function compileRegex(pattern: string, options: string): RegExp {
  if (/[^imsu]/.test(options)) throw new MongoFault(51108, `invalid flag in regex options: ${options}`);
  try {
    return new RegExp(pattern, [...new Set(options.replaceAll('u', ''))].join(''));
  } catch (error) {
    throw new MongoFault(51091, `Regular expression is invalid: ${error instanceof Error ? error.message : pattern}`);
  }
}

/** Takes a regular expression value or a text with options; gives the compiled expression. */
export function regexFrom(value: unknown, options: unknown): RegExp {
  if (options !== undefined && typeof options !== 'string') throw new MongoFault(2, '$options has to be a string');
  if (kindOf(value) === KIND.regex) {
    const parts = regexParts(value);
    return compileRegex(parts.pattern, options ?? parts.options);
  }
  if (typeof value !== 'string') throw new MongoFault(2, '$regex has to be a string');
  return compileRegex(value, options ?? '');
}

/** Takes an expression; gives the text that each match starts with, or undefined when none is certain. */
export function literalPrefix(regex: RegExp): string | undefined {
  if (regex.flags !== '' && regex.flags !== 's') return undefined;
  const match = /^\^((?:[^\\^$.*+?()[\]{}|]|\\[^\w])+)/.exec(regex.source);
  if (!match || regex.source.includes('|')) return undefined;
  const [whole, body = ''] = match;
  const next = regex.source[whole.length];
  const text = body.replace(/\\(.)/g, '$1');
  return next === '*' || next === '?' || next === '{' ? text.slice(0, -1) || undefined : text;
}
