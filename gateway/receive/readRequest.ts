// Text → a GraphQL request: JSON without the keys that poison prototypes, exactly one operation, every field of the
// right kind. GET parameters go the same way.
import { parse as parseSafely } from 'secure-json-parse';
import { bodyHoldsKey } from '../identify/holdsKey.ts';
import { isRefusal, refuse, type ReceivedRequest, type Refusal } from '../requestState.ts';
import { readDocumentFields } from './readDocumentFields.ts';

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string, what: string): { readonly json: unknown } | Refusal {
  try {
    return { json: parseSafely(text, undefined, { protoAction: 'error', constructorAction: 'error' }) };
  } catch {
    return refuse('MALFORMED_JSON', `${what} is not JSON, or holds a forbidden key.`);
  }
}

/** Gives what the extensions of a request ask for. */
function readExtensions(
  extensions: Readonly<Record<string, unknown>>,
): Pick<ReceivedRequest, 'isDryRun' | 'lastEventId'> | Refusal {
  const { dryRun = false, lastEventId } = extensions;
  if (dryRun !== null && typeof dryRun !== 'boolean') {
    return refuse('BAD_REQUEST', 'extensions.dryRun is not true or false.');
  }
  if (lastEventId != null && typeof lastEventId !== 'string') {
    return refuse('BAD_REQUEST', 'extensions.lastEventId is not a text.');
  }
  return { ...(dryRun === true && { isDryRun: true }), ...(lastEventId != null && { lastEventId }) };
}

/** Takes what was parsed; gives the request in it, or the refusal. */
export function checkShape(method: 'GET' | 'POST', json: unknown): ReceivedRequest | Refusal {
  if (Array.isArray(json)) return refuse('BAD_REQUEST', 'Batches are not taken: send one operation a request.');
  if (!isObject(json)) return refuse('BAD_REQUEST', 'The body is not a JSON object.');
  const { operationName, variables, extensions } = json;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refuse('BAD_REQUEST', 'operationName is not a text.');
  }
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    return refuse('BAD_REQUEST', 'variables is not a JSON object.');
  }
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) {
    return refuse('BAD_REQUEST', 'extensions is not a JSON object.');
  }
  const asked = readExtensions(extensions ?? {});
  if (isRefusal(asked)) return asked;
  const named = readDocumentFields(json, extensions ?? undefined);
  if (isRefusal(named)) return named;
  return {
    method,
    ...named,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
    ...asked,
  };
}

/** Takes the text of a POST body; gives the request in it, or the refusal: what holds a key is not read. */
export function readPostRequest(body: string): ReceivedRequest | Refusal {
  if (bodyHoldsKey(body)) return refuse('API_KEY_INVALID');
  const parsed = parseJson(body, 'The body');
  return isRefusal(parsed) ? parsed : checkShape('POST', parsed.json);
}

/** Takes the search part of a GET's address; gives the request in it, or the refusal. */
export function readGetRequest(search: string): ReceivedRequest | Refusal {
  const parameters = new URLSearchParams(search);
  const fields: Record<string, unknown> = {};
  for (const name of ['query', 'documentId', 'id', 'operationName', 'variables', 'extensions']) {
    const values = parameters.getAll(name);
    if (values.length > 1) return refuse('BAD_REQUEST', `${name} stands twice in the address.`);
    const [value] = values;
    if (value === undefined) continue;
    if (name !== 'variables' && name !== 'extensions') fields[name] = value;
    else {
      const parsed = parseJson(value, name);
      if (isRefusal(parsed)) return parsed;
      fields[name] = parsed.json;
    }
  }
  return checkShape('GET', fields);
}
