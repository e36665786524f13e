// What find, count, distinct and the writes share: a command's filter parsed with its variables, and its search.
import { refuseScripts } from '../aggregate/checkStages.ts';
import { evaluateExpression, evaluationOptions } from '../evaluate.ts';
import type { FilterNode } from '../query/filterNode.ts';
import { FilterParser } from '../query/parseFilter.ts';
import { toPlain } from '../values/bsonCodec.ts';
import { type Doc } from '../values/kinds.ts';

/** Takes a filter as the client gave it and the variables of `let`; gives its tree. */
export function parseFilter(filter: unknown, variables: Doc): FilterNode {
  const parser = new FilterParser((given) => {
    refuseScripts(given);
    const options = evaluationOptions(variables);
    const expression = toPlain({ given })['given'];
    return (doc) => {
      const value = evaluateExpression(expression, toPlain(doc), options);
      return value !== undefined && value !== null && value !== false && value !== 0;
    };
  });
  return parser.parse(filter ?? {});
}
