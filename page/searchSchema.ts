// The search over types and fields: exact names first, then beginnings, then what lies within. A word with a dot is taken
// as type and field. Pure, and one pass over the index, so that it keeps up with typing on 3,000 types.
import type { SearchHit, SearchPage } from './pageWords.ts';
import type { IndexedMember, IndexedType, SchemaIndex } from './schemaIndex.ts';

/** How well a name fits: 0 is best; undefined where it does not. */
function fit(name: string, wanted: string): number | undefined {
  const at = name.toLowerCase().indexOf(wanted);
  if (at < 0) return undefined;
  if (at > 0) return isWordStart(name, at) ? 2 : 3;
  return name.length === wanted.length ? 0 : 1;
}

/** Whether a word of a name in camel case or with underlines begins there. */
function isWordStart(name: string, at: number): boolean {
  const before = name.charAt(at - 1);
  const first = name.charAt(at);
  return before === '_' || (first !== first.toLowerCase() && before === before.toLowerCase());
}

interface Wanted {
  /** Undefined: any. */
  readonly type: string | undefined;
  readonly member: string;
}

function readWords(text: string): Wanted {
  const words = text.trim().toLowerCase();
  const dot = words.search(/[.\s]/);
  if (dot < 0) return { type: undefined, member: words };
  return { type: words.slice(0, dot), member: words.slice(dot + 1).trim() };
}

interface Ranked {
  readonly rank: number;
  readonly name: string;
  readonly type: IndexedType;
  readonly member: IndexedMember | undefined;
}

function ranksOf(type: IndexedType, wanted: Wanted): Ranked[] {
  const found: Ranked[] = [];
  if (wanted.type === undefined) {
    const rank = fit(type.name, wanted.member);
    // A type before a field that fits as well.
    if (rank !== undefined) found.push({ rank: rank * 2, name: type.name, type, member: undefined });
  }
  const typeRank = wanted.type === undefined ? 0 : fit(type.name, wanted.type);
  if (typeRank === undefined) return found;
  for (const member of type.members) {
    const rank = fit(member.name, wanted.member);
    if (rank !== undefined) found.push({ rank: rank * 2 + 1 + typeRank * 8, name: member.name, type, member });
  }
  return found;
}

function showHit({ facts }: SchemaIndex, { type, member }: Ranked): SearchHit {
  if (member === undefined) {
    const owners = [...(facts.types.get(type.name)?.graphs ?? [])];
    return { coordinate: type.name, kind: type.kind, type: undefined, isDeprecated: false, owners };
  }
  return {
    coordinate: member.coordinate,
    kind: member.kind,
    type: member.type,
    isDeprecated: member.deprecated !== undefined,
    owners: [...(facts.fields.get(member.coordinate)?.keys() ?? [])],
  };
}

/** Takes words; gives what fits, the best first. Without words it gives the types: roots first, then by name. */
export function searchSchema(index: SchemaIndex, text: string, offset: number, limit: number): SearchPage {
  const wanted = readWords(text);
  const types = [...index.types.values()];
  const ranked =
    wanted.type === undefined && wanted.member === ''
      ? types.map((type) => ({ rank: 0, name: type.name, type, member: undefined }))
      : types
          .flatMap((type) => ranksOf(type, wanted))
          .sort((left, right) => left.rank - right.rank || left.name.length - right.name.length);
  const hits = ranked.slice(offset, offset + limit).map((each) => showHit(index, each));
  return { hits, total: ranked.length };
}
