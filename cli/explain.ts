// `crm-graph explain`: asks a running gateway to answer a query with its plan and costs, and draws them as a tree.
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { renderExplanation, type AnsweredExplanation } from '../gateway/plan/explain.ts';
import { readConfig } from '../platform/config.ts';
import { KEY_ADVICE, keyHeaders } from './clientKey.ts';

interface ExplainOptions {
  readonly url?: string;
  readonly variables?: string;
  readonly operation?: string;
  readonly keyFile?: string;
}

interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: { readonly code?: string };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: { readonly explain?: AnsweredExplanation };
}

/** What a person can mend: its message stands alone. */
class ExplainError extends Error {}

function readText(path: string, what: string): string {
  if (!existsSync(path)) throw new ExplainError(`${what} ${path} does not exist`);
  return readFileSync(path, 'utf8');
}

function readVariables(queryPath: string, given: string | undefined): unknown {
  const sibling = queryPath.replace(/\.graphql$/, '.variables.json');
  const source = given ?? (sibling !== queryPath && existsSync(sibling) ? readText(sibling, 'the file') : '{}');
  try {
    return JSON.parse(source);
  } catch {
    throw new ExplainError(given === undefined ? `${sibling} is not JSON` : '--variables is not JSON');
  }
}

function readKeyHeaders(url: string, keyFile: string | undefined): Readonly<Record<string, string>> {
  if (keyFile !== undefined) readText(keyFile, 'the key file');
  return keyHeaders(url, keyFile);
}

async function post(url: string, body: object, key: Readonly<Record<string, string>>): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'crm-explain': '1', ...key };
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch {
    throw new ExplainError(`nothing answers at ${url}; start the graph with: npm start`);
  }
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new ExplainError(`${url} answered with HTTP ${response.status} and no JSON: is it a gateway's /graphql?`);
  }
}

function readUrl(given: string | undefined): string {
  if (given === undefined) return `http://127.0.0.1:${readConfig().CRM_GATEWAY_PORT}/graphql`;
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given;
  throw new ExplainError(`--url ${given} is no address: it looks like http://127.0.0.1:4000/graphql`);
}

/** What a code means to somebody who explains a query, beyond what it means to a client. */
const ADVICE: Readonly<Record<string, string>> = {
  NOT_FOUND: 'the address ends in /graphql',
  EXPLAIN_FORBIDDEN: 'start it with CRM_EXPLAIN_ALLOWED=true, as npm start does',
  API_KEY_MISSING: KEY_ADVICE,
  API_KEY_INVALID: KEY_ADVICE,
  API_KEY_EXPIRED: KEY_ADVICE,
  API_KEY_REVOKED: KEY_ADVICE,
  SCOPE_MISSING: 'npm run keys -- show <id> lists the scopes that a key has',
};

function describeError({ message, path, locations }: AnswerError): string {
  const place = path?.join('.') ?? locations?.map(({ line, column }) => `line ${line}, column ${column}`).join('; ');
  return `error: ${place === undefined || message.startsWith(place) ? '' : `${place}: `}${message}`;
}

/** A line for each error, and what to do about them behind these, each advice once. */
function describeErrors(errors: readonly AnswerError[]): string[] {
  const advice = new Set(errors.map(({ extensions }) => ADVICE[extensions?.code ?? '']));
  return [...errors.map(describeError), ...[...advice].filter((each) => each !== undefined)];
}

async function explain(queryPath: string, options: ExplainOptions): Promise<void> {
  const query = readText(queryPath, 'the query file');
  const variables = readVariables(queryPath, options.variables);
  const operationName = options.operation ?? null;
  const url = readUrl(options.url);
  const answer = await post(url, { query, variables, operationName }, readKeyHeaders(url, options.keyFile));
  const explanation = answer.extensions?.explain;
  const problems = describeErrors(answer.errors ?? []);
  if (explanation === undefined || (explanation.totals.fetches === 0 && problems.length > 0)) {
    throw new ExplainError(problems.length > 0 ? problems.join('\n') : 'the gateway gave no explanation');
  }
  process.stdout.write(renderExplanation(explanation));
  if (problems.length > 0) throw new ExplainError(problems.join('\n'));
}

/** The command for `cli/main.ts`. Ends with code 0 when the query was answered, 1 when not or with errors. */
export const explainCommand = new Command('explain')
  .description('answer a query and print its plan with fetches, database commands and times')
  .argument('<query file>', 'a GraphQL document; <name>.variables.json beside it holds its variables')
  .option('--url <url>', "the gateway's address (http://127.0.0.1:<CRM_GATEWAY_PORT>/graphql by default)")
  .option('--variables <json>', 'variables instead of those of the file')
  .option('--operation <name>', 'which operation of the document')
  .option('--key-file <file>', 'a file with the key to show; CRM_API_KEY or the key of npm start without it')
  .action(async (queryPath: string, options: ExplainOptions) => {
    try {
      await explain(queryPath, options);
    } catch (error) {
      if (!(error instanceof ExplainError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    }
  });
