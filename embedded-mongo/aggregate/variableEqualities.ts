// `{ $expr: { $eq: ['$field', '$$variable'] } }`, as the pipelines of `$lookup` have it, as an equality that an index
// can answer. The expression itself is still tested.
import type { FilterNode } from '../query/filterNode.ts';
import { type Doc, isDoc } from '../values/kinds.ts';

function equalityOf(expression: unknown, variables: Doc): FilterNode[] {
  if (!isDoc(expression)) return [];
  const { $and: parts, $eq: pair } = expression;
  if (Array.isArray(parts)) return parts.flatMap((part) => equalityOf(part, variables));
  if (!Array.isArray(pair) || pair.length !== 2) return [];
  const texts = (pair as unknown[]).filter((side) => typeof side === 'string');
  const field = texts.find((side) => /^\$[^$]/.test(side));
  const variable = texts.find((side) => /^\$\$[a-z]\w*$/.test(side));
  if (field === undefined || variable === undefined) return [];
  const value = variables[variable.slice(2)];
  // A missing value, null and arrays are equal to other things in a filter than in an expression.
  if (value === undefined || value === null || Array.isArray(value)) return [];
  const path = field.slice(1);
  return [{ op: 'field', path, segments: path.split('.'), name: '$eq', value }];
}

/** Takes a `$match` filter and the variables; gives the equalities that its `$expr` implies. */
export function variableEqualities(filter: unknown, variables: Doc): FilterNode[] {
  return isDoc(filter) ? equalityOf(filter['$expr'], variables) : [];
}
