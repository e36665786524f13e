// What changes for clients: the views of both states compared by @graphql-inspector/core. A change that several views
// show is one change that names them.
import { CriticalityLevel, diff, type Change } from '@graphql-inspector/core';
import { getNamedType, isEnumType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import type { Verdict } from '../finding.ts';
import type { Draft, GraphChange } from '../rules/rule.ts';
import { mendChange, type ComparedSchemas } from './mendedChanges.ts';

const VERDICTS: Readonly<Record<CriticalityLevel, Verdict>> = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
};

/** Takes the inspector's path of a change; gives the schema coordinate. */
export function coordinateOf(type: string, path: string | undefined): string | undefined {
  if (path === undefined || type.startsWith('SCHEMA_')) return undefined;
  // What is said of a directive is told at what carries it.
  const parts = path.replace(/\.@.*$/, '').split('.');
  const isOfArgument = parts.length === 3 && !path.startsWith('@');
  if (isOfArgument) return `${parts[0] ?? ''}.${parts[1] ?? ''}(${parts[2] ?? ''}:)`;
  const isOfDirective = path.startsWith('@') && parts.length === 2;
  return isOfDirective ? `${parts[0] ?? ''}(${parts[1] ?? ''}:)` : parts.join('.');
}

/** The old or the new side of a change: the one thing that the inspector tells of it. */
export function sideOf(change: Change, side: 'old' | 'new' | 'removed' | 'added'): string | undefined {
  const meta = change.meta as Readonly<Record<string, unknown>>;
  const name = Object.keys(meta).find((key) => key.startsWith(side));
  const value = name === undefined ? undefined : meta[name];
  return typeof value === 'string' ? value : undefined;
}

/** Enums that clients only send: a value more surprises nobody. */
function sentOnly(schema: GraphQLSchema): Set<string> {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const given = new Set<string>();
  for (const type of types) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) given.add(getNamedType(field.type).name);
  }
  return new Set(types.filter((type) => isEnumType(type) && !given.has(type.name)).map(({ name }) => name));
}

const WHOLE = new Set(['TYPE_ADDED', 'DIRECTIVE_ADDED', 'FIELD_ADDED', 'INPUT_FIELD_ADDED', 'ENUM_VALUE_ADDED']);

/** What is new as a whole is one change, not one for each of its parts and words. */
function withoutParts(changes: readonly Change[]): Change[] {
  const added = new Set(changes.filter(({ type }) => WHOLE.has(String(type))).map(({ path }) => path));
  return changes.filter(({ type, path = '' }) => {
    const parts = path.split('.');
    const owners = parts.map((_, at) => parts.slice(0, at).join('.'));
    return !owners.some((owner) => added.has(owner)) && (WHOLE.has(String(type)) || !added.has(path));
  });
}

function draftOf(change: Change, view: string, schemas: ComparedSchemas, harmless: ReadonlySet<string>): Draft {
  const type = String(change.type);
  const coordinate = coordinateOf(type, change.path);
  const isHarmless = type === 'ENUM_VALUE_ADDED' && harmless.has(coordinate?.split('.')[0] ?? '');
  return {
    code: type,
    verdict: isHarmless ? 'safe' : VERDICTS[change.criticality.level],
    coordinate,
    views: [view],
    before: sideOf(change, 'old') ?? sideOf(change, 'removed'),
    after: sideOf(change, 'new') ?? sideOf(change, 'added'),
    what: `${change.message}.`.replace(/\.\.$/, '.'),
    ...mendChange(change, schemas),
  };
}

function merge(drafts: readonly Draft[]): Draft[] {
  const merged = new Map<string, Draft>();
  for (const draft of drafts) {
    const { code, coordinate, before, after, verdict } = draft;
    const key = JSON.stringify([code, coordinate, before, after, verdict]);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined ? draft : { ...known, views: [...(known.views ?? []), ...(draft.views ?? [])] },
    );
  }
  return [...merged.values()];
}

/** Compares every view that both states have. */
export async function compareViews({ base, head }: GraphChange): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const [view, before] of base.views) {
    const after = head.views.get(view);
    if (after === undefined) continue;
    const changes = await diff(before, after);
    const harmless = sentOnly(after);
    // Directives in the subgraphs' schemas are compared there: what clients see has none.
    const seen = withoutParts(changes).filter(({ type }) => !String(type).startsWith('DIRECTIVE_USAGE_'));
    drafts.push(...seen.map((change) => draftOf(change, view, { before, after }, harmless)));
  }
  return merge(drafts);
}
