// Where @graphql-inspector/core says too little of a change, or judges it otherwise than clients feel it: mended here, one
// entry a change type. An approval is of what a change comes from and to, so both must be told whole.
import type { Change } from '@graphql-inspector/core';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import type { Draft } from '../rules/rule.ts';

/** The two schemas of a change. */
export interface ComparedSchemas {
  readonly before: GraphQLSchema;
  readonly after: GraphQLSchema;
}

type Mended = Partial<Pick<Draft, 'verdict' | 'coordinate' | 'before' | 'after' | 'what'>>;
type Meta = Readonly<Record<string, unknown>>;
type Mend = (meta: Meta, schemas: ComparedSchemas) => Mended;

const told = (value: unknown): string => (typeof value === 'string' ? value : '');

function kindOf(type: GraphQLNamedType | undefined): string {
  if (isObjectType(type)) return 'object type';
  if (isInterfaceType(type)) return 'interface';
  if (isUnionType(type)) return 'union';
  if (isEnumType(type)) return 'enum';
  return isInputObjectType(type) ? 'input type' : 'scalar';
}

/** A root that comes or goes, told at the type itself. */
function mendRoot(meta: Meta): Mended {
  const named = (side: string): string =>
    Object.entries(meta).flatMap(([name, value]) => (name.startsWith(side) ? [told(value)] : []))[0] ?? '';
  return { coordinate: named('new') || named('old') };
}

interface GivenValue {
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}

/** A default that came or went. Without one, what may not be null has to be given. */
function mendDefault(meta: Meta, which: string, value: GivenValue | undefined): Mended {
  const side = (name: string): unknown =>
    Object.entries(meta).find(([key]) => key.startsWith(name) && key.endsWith('DefaultValue'))?.[1];
  const [old, now] = [side('old'), side('new')];
  const isWanted = value !== undefined && isNonNullType(value.type) && value.defaultValue === undefined;
  if (old === undefined) return { what: `${which} had no default, and has ${told(now)} now.` };
  if (now !== undefined) return {};
  const what = `${which} had the default ${told(old)}, and has none now${isWanted ? ': it has to be given' : ''}.`;
  return isWanted ? { verdict: 'breaking', after: 'has to be given', what } : { what };
}

const MENDS: Readonly<Record<string, Mend>> = {
  FIELD_ARGUMENT_DEFAULT_CHANGED: (meta, { after }) => {
    const [type, field, name] = [told(meta['typeName']), told(meta['fieldName']), told(meta['argumentName'])];
    const owner = after.getType(type);
    const fields = isObjectType(owner) || isInterfaceType(owner) ? owner.getFields() : {};
    const argument = fields[field]?.args.find((each) => each.name === name);
    return mendDefault(meta, `${type}.${field}(${name}:)`, argument);
  },
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: (meta, { after }) => {
    const [type, name] = [told(meta['inputName']), told(meta['inputFieldName'])];
    const owner = after.getType(type);
    return mendDefault(meta, `${type}.${name}`, isInputObjectType(owner) ? owner.getFields()[name] : undefined);
  },
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: (meta, { after }) => {
    const [directive, name] = [told(meta['directiveName']), told(meta['directiveArgumentName'])];
    const argument = after.getDirective(directive)?.args.find((each) => each.name === name);
    return mendDefault(meta, `@${directive}(${name}:)`, argument);
  },
  SCHEMA_QUERY_TYPE_CHANGED: mendRoot,
  SCHEMA_MUTATION_TYPE_CHANGED: mendRoot,
  SCHEMA_SUBSCRIPTION_TYPE_CHANGED: mendRoot,
  // What may be left out asks nothing of anybody; what may not be is another change, and approved as one.
  FIELD_ARGUMENT_ADDED: (meta) => ({
    verdict: meta['isAddedFieldArgumentBreaking'] === true ? 'breaking' : 'safe',
    after: `${told(meta['addedArgumentName'])}: ${told(meta['addedArgumentType'])}`,
  }),
  FIELD_ARGUMENT_REMOVED: (meta) => ({
    before: `${told(meta['removedFieldArgumentName'])}: ${told(meta['removedFieldType'])}`,
  }),
  INPUT_FIELD_ADDED: (meta) => ({
    after: `${told(meta['addedInputFieldName'])}: ${told(meta['addedInputFieldType'])}`,
  }),
  DIRECTIVE_ARGUMENT_ADDED: (meta, { after }) => {
    const [directive, name] = [told(meta['directiveName']), told(meta['addedDirectiveArgumentName'])];
    const argument = after.getDirective(directive)?.args.find((each) => each.name === name);
    return { coordinate: `@${directive}(${name}:)`, after: `${name}: ${String(argument?.type)}` };
  },
  DIRECTIVE_REPEATABLE_ADDED: (meta) => ({
    after: 'repeatable',
    what: `Directive '${told(meta['directiveName'])}' may be repeated now.`,
  }),
  // An operation that repeats it is refused as a whole.
  DIRECTIVE_REPEATABLE_REMOVED: (meta) => ({
    verdict: 'breaking',
    before: 'repeatable',
    what: `Directive '${told(meta['directiveName'])}' may no longer be repeated.`,
  }),
  TYPE_KIND_CHANGED: (meta, schemas) => {
    const name = told(meta['typeName']);
    const [before, after] = [kindOf(schemas.before.getType(name)), kindOf(schemas.after.getType(name))];
    return { before, after, what: `'${name}' was one ${before}, and is one ${after} now.` };
  },
};

/** Takes a change and what it was found between; gives what is to be said in place of the inspector's words. */
export function mendChange(change: Change, schemas: ComparedSchemas): Mended {
  return MENDS[String(change.type)]?.(change.meta as Meta, schemas) ?? {};
}
