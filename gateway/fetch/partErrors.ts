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

function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.length <= 50 &&
    value.every((step) => typeof step === 'string' || typeof step === 'number')
  );
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
    const path = fields['path'];
    return { message, ...(isPath(path) && { path }), extensions: { code } };
  });
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
