// What a caller is told that may not see all of an operation: the whole is refused, or some fields are null. Told are
// fields that the caller's view shows, by the client's own names, and what is missing for each; nothing else.
import type { Decision, DeniedField } from './authorize/authorize.ts';
import type { Missing } from '../supergraph/needs.ts';
import type { Caller } from './caller.ts';
import type { DeniedFields, Failure } from './compiledOperation.ts';
import { KEY_MISSING } from './identify/authenticate.ts';
import { refuse, type Refusal } from './requestState.ts';

type Denial = Extract<Decision, { readonly allowed: false }>;

/** What is missing, in words. */
function sayMissing({ authentication, scopes, policies }: Missing): string {
  const lists = (names: Missing['scopes']): string => names.map((list) => list.join(' and ')).join(', or ');
  const parts = [
    ...(authentication ? ['a caller who is known'] : []),
    ...(scopes.length > 0 ? [`the scope ${lists(scopes)}`] : []),
    ...(policies.length > 0 ? [`a yes of the policy ${lists(policies)}`] : []),
  ];
  return `needs ${parts.join(', and ')}`;
}

function tellField({ path, missing }: DeniedField): NonNullable<Refusal['more']>[number] {
  return {
    message: `${path.join('.')} ${sayMissing(missing)}.`,
    path,
    ...(missing.scopes.length > 0 && { scopes: missing.scopes }),
  };
}

/** Without fields that lie in one that is told of and whose needs say nothing more. */
function outermost(denied: readonly DeniedField[]): readonly DeniedField[] {
  const told = new Map<string, string>();
  return denied.filter(({ path, missing }) => {
    const what = JSON.stringify(missing);
    for (let length = 1; length < path.length; length++) {
      if (told.get(path.slice(0, length).join('.')) === what) return false;
    }
    told.set(path.join('.'), what);
    return true;
  });
}

/** Refuses an operation of which something is denied: 403, or 401 for a caller who has not said who it is. */
export function refuseDenied({ denied }: Denial, caller: Caller): Refusal {
  if (caller.kind === 'nobody') return KEY_MISSING;
  const [first, ...more] = outermost(denied).map(tellField);
  const { message, ...told } = first ?? {};
  return { ...refuse('SCOPE_MISSING', message), ...told, more };
}

/** A decision is kept for equal rights: so is what it comes to. */
const known = new WeakMap<Denial, DeniedFields>();

/** Takes a decision by which some fields are left out; gives those. */
export function deniedFields(denial: Denial): DeniedFields {
  const found = known.get(denial);
  if (found !== undefined) return found;
  const failures = new Map(
    [...denial.nodes].map(([node, missing]) => {
      const failure: Failure = {
        code: 'SCOPE_MISSING',
        message: `${sayMissing(missing)}.`,
        namesField: true,
        beneath: [],
        ...(missing.scopes.length > 0 && { scopes: missing.scopes }),
      };
      return [node, failure] as const;
    }),
  );
  // What is missing differs between callers who are denied the same fields.
  const key = [...failures].map(([{ loc }, { message }]) => `${loc?.start ?? 0} ${message}`).join();
  const fields = { key, failures };
  known.set(denial, fields);
  return fields;
}
