// `@policy` is answered by functions in a file of the operator: what they are asked, and that no answer is a no.
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Caller } from '../caller.ts';

/** Answers one policy: whether this caller may, now. Anything but `true`, also a throw or a late answer, is a no. */
export type PolicyFunction = (caller: Caller, clock: Clock) => boolean | Promise<boolean>;

/** The policies of an operator, by the name that `@policy` uses. */
export type Policies = ReadonlyMap<string, PolicyFunction>;

/** What asking policies needs. */
export interface PolicyParts {
  readonly policies: Policies;
  readonly clock: Clock;
  /** How long an answer may take. */
  readonly policyTimeoutMs: number;
  readonly log: Pick<Log, 'warn'>;
}

/** No policy said yes. */
export const NO_POLICIES: ReadonlySet<string> = new Set();

/** Takes the path of a module whose default export maps names to functions; gives them. Throws where it is none. */
export async function loadPolicies(path: string): Promise<Policies> {
  const loaded: unknown = await import(pathToFileURL(path).href);
  const given = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (typeof given !== 'object' || given === null) throw new Error(`${path} exports no policies by default`);
  const entries = Object.entries(given).map(([name, answer]): [string, PolicyFunction] => {
    if (typeof answer !== 'function') throw new Error(`the policy ${name} of ${path} is no function`);
    return [name, answer as PolicyFunction];
  });
  return new Map(entries);
}

async function ask(name: string, caller: Caller, { policies, clock, policyTimeoutMs, log }: PolicyParts) {
  let stopWaiting = (): void => undefined;
  const late = new Promise<'late'>((give) => {
    stopWaiting = clock.after(policyTimeoutMs, () => give('late'));
  });
  try {
    const answer = await Promise.race([policies.get(name)?.(caller, clock), late]);
    if (answer === 'late') log.warn({ policy: name, policyTimeoutMs }, 'a policy answered too late, which is a no');
    return answer === true;
  } catch (error) {
    log.warn({ policy: name, error }, 'a policy failed, which is a no');
    return false;
  } finally {
    stopWaiting();
  }
}

/** Takes the names that an operation depends on and the caller; gives those that said yes. Never rejects. */
export async function askPolicies(
  names: readonly string[],
  caller: Caller,
  parts: PolicyParts,
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return NO_POLICIES;
  const answers = await Promise.all(names.map((name) => ask(name, caller, parts)));
  return new Set(names.filter((_, at) => answers[at]));
}
