// The errors of a fetch, as the client will see them: a subgraph's own ones with what may pass of them, and those of a
// fetch that failed as a whole, one for each field that is missing because of it.
import { ERROR_CODES, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { AnswerError, FieldShape, RequestState, SubgraphAnswer, SubgraphFetch } from '../requestState.ts';
import { representationsOf } from './representations.ts';

/** Takes the code and message of a subgraph's error; gives what a client may see. */
export type ErrorMask = (code: unknown, message: unknown) => { readonly code: ErrorCodeName; readonly message: string };

/** How errors are masked, and how many of one fetch are shown. */
export interface ErrorRules {
  readonly mask: ErrorMask;
  readonly errorsMax: number;
}

type Path = readonly (string | number)[];

/**
 * Keeps of an error's path what the fetch asked for: steps of a subgraph's own making could carry its words, and a path
 * to no entity of the call would name another field in the response.
 */
function knownPath(given: unknown, fetch: SubgraphFetch): Path | undefined {
  if (!Array.isArray(given)) return undefined;
  const path: (string | number)[] = [];
  let fields: readonly FieldShape[] | undefined = fetch.shapes(fetch.document);
  for (const step of given as unknown[]) {
    if (typeof step === 'number' && path.length > 0) path.push(step);
    else {
      const field: FieldShape | undefined = fields?.find(({ key }) => key === step);
      if (field === undefined) break;
      path.push(field.key);
      fields = field.value.fields;
    }
  }
  const count = representationsOf(fetch).length;
  if (count === 0) return path.length > 0 ? path : undefined;
  const index = path[1];
  return typeof index === 'number' && index >= 0 && index < count && path.length > 2 ? path : undefined;
}

/** Takes `errors` of a subgraph's answer as it came; gives what passes, and leaves its words to the log. */
export function readErrors(
  given: unknown,
  fetch: SubgraphFetch,
  rules: ErrorRules,
  state: RequestState,
): AnswerError[] {
  if (given === undefined || given === null) return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.slice(0, rules.errorsMax).map((error, position) => {
    const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
    const extensions = fields['extensions'];
    const own = typeof extensions === 'object' && extensions !== null ? (extensions as Record<string, unknown>) : {};
    const { code, message } = rules.mask(own['code'], fields['message']);
    if (position < 5) {
      const detail = `${String(own['code'])}: ${String(fields['message'])}`.slice(0, 300);
      state.innerFaults.push({ subgraph: fetch.subgraph, code, detail });
    }
    const path = knownPath(fields['path'], fetch);
    return { message, ...(path && { path }), extensions: { code } };
  });
}

/** Gives an error that came without a path the first field that is null, so that none leaves it open which is meant. */
export function locateErrors(errors: readonly AnswerError[], data: Readonly<Record<string, unknown>>): AnswerError[] {
  const missing = Object.keys(data).find((key) => data[key] === null);
  if (missing === undefined) return [...errors];
  return errors.map((error) => (error.path === undefined ? { ...error, path: [missing] } : error));
}

function fieldsFor(fields: readonly FieldShape[], type: unknown): string[] {
  const asked = fields.filter(
    (field) => field.onTypes === undefined || (typeof type === 'string' && field.onTypes.has(type)),
  );
  return [...new Set(asked.map((field) => field.key))].filter((key) => key !== '__typename');
}

function missingPaths(fetch: SubgraphFetch): Path[] {
  const shape = fetch.shapes(fetch.document);
  const representations = representationsOf(fetch);
  if (representations.length === 0) return fieldsFor(shape, undefined).map((key) => [key]);
  const entityFields = shape.find((field) => field.key === '_entities')?.value.fields ?? [];
  return representations.flatMap((representation, index) =>
    fieldsFor(entityFields, representation['__typename']).map((key) => ['_entities', index, key]),
  );
}

/** Gives the answer of a fetch that failed as a whole: no data, and an error for each field that is missing. */
export function failWhole(
  fetch: SubgraphFetch,
  code: ErrorCodeName,
  rules: Pick<ErrorRules, 'errorsMax'>,
  message: string = ERROR_CODES[code].meaning,
): SubgraphAnswer {
  const paths = missingPaths(fetch);
  const shown = paths.slice(0, rules.errorsMax);
  const errors = shown.map((path, position): AnswerError => {
    const field = String(path.at(-1));
    const rest = paths.length - shown.length;
    const more =
      rest > 0 && position === shown.length - 1 ? ` ${rest} more fields are missing for the same reason.` : '';
    return { message: `${field}: ${message}${more}`, path, extensions: { code } };
  });
  return { data: null, errors };
}
