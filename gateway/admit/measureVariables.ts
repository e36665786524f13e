// Variables over a limit are refused before anything coerces them. One pass without recursion, so that no nesting can
// break the stack. Half characters are refused too: no database keeps them, so that two names of them become one.
import { refuse, type Refusal } from '../requestState.ts';
import { LIMITS } from './limits.ts';

function sizeOfLeaf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  return String(value).length;
}

function tooLarge(what: string): Refusal {
  return refuse('VARIABLES_TOO_LARGE', `The variables have more than ${what}.`);
}

/** Takes the variables as parsed from JSON; gives the refusal of what is over a limit, else undefined. */
export function checkVariables(variables: Readonly<Record<string, unknown>>): Refusal | undefined {
  const { variablesBytesMax, variablesDepthMax, variablesListMax } = LIMITS;
  const waiting: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }];
  let bytes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && !value.isWellFormed()) {
      return refuse('BAD_USER_INPUT', 'A text in the variables holds half of a character (a lone surrogate).');
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return refuse('BAD_USER_INPUT', 'A number in the variables is too large.');
    }
    if (typeof value !== 'object' || value === null) {
      bytes += sizeOfLeaf(value) + 1;
    } else {
      bytes += 2;
      if (depth > variablesDepthMax.value) return tooLarge(`${variablesDepthMax.value} levels`);
      if (Array.isArray(value) && value.length > variablesListMax.value) {
        return tooLarge(`${variablesListMax.value} elements in a list`);
      }
      for (const [key, inner] of Object.entries(value)) {
        if (!Array.isArray(value)) bytes += Buffer.byteLength(key) + 3;
        waiting.push({ value: inner, depth: depth + 1 });
      }
    }
    if (bytes > variablesBytesMax.value) return tooLarge(`${variablesBytesMax.value} bytes`);
  }
  return undefined;
}
