import { openHandClock } from '../test/harness/handClock.ts';
import { callerAt, type Caller } from '../test/harness/requestStates.ts';
import type { CompiledOperation, Fields } from './compiledOperation.ts';
import type { GraphAnswer } from './openGraph.ts';
import type { RequestState } from './requestState.ts';
import { openRunSharing } from './shareRun.ts';

function operation(kind: 'query' | 'mutation' = 'query'): CompiledOperation {
  return {
    kind,
    plan: undefined,
    schedule: undefined,
    planTree: undefined,
    isOfType: (typename, condition) => typename === condition,
    isAbstract: () => false,
    clientNameOf: (key) => key,
    shape: { onlyType: 'Query', fieldsOf: () => [], find: () => undefined },
  };
}

/** Runs that the test ends; each answers with its own number. */
function openRuns() {
  const clock = openHandClock();
  let shared = 0;
  const sharing = openRunSharing(clock, () => shared++);
  const runs: { state: RequestState; end: () => void; fail: (error: Error) => void }[] = [];
  const ask = async (what: CompiledOperation, { state }: Caller, variables?: Fields): Promise<string> => {
    const { body } = await sharing.share({ operation: what, variables }, state, (own) => {
      return new Promise<GraphAnswer>((resolve, reject) => {
        const body = Buffer.from(`run ${runs.length}`);
        runs.push({ state: own, end: () => resolve({ body, hasData: true, codes: new Set() }), fail: reject });
      });
    });
    return body.toString();
  };
  return {
    clock,
    sharing,
    runs,
    ask,
    noted: () => shared,
    caller: (more: Partial<RequestState> = {}) => callerAt(clock, more),
  };
}

describe('equal queries at the same time', () => {
  it('are run once, and everybody gets that answer', async () => {
    const { runs, ask, caller, noted } = openRuns();
    const query = operation();
    const answers = [ask(query, caller(), { a: 1 }), ask(query, caller(), { a: 1 }), ask(query, caller(), { a: 1 })];
    expect([runs.length, noted()]).toEqual([1, 2]);
    runs[0]?.end();
    expect(await Promise.all(answers)).toEqual(['run 0', 'run 0', 'run 0']);
  });

  it('fail together', async () => {
    const { runs, ask, caller } = openRuns();
    const query = operation();
    const answers = [ask(query, caller()), ask(query, caller())];
    runs[0]?.fail(new Error('broken'));
    const results = await Promise.allSettled(answers);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    void ask(query, caller());
    expect(runs).toHaveLength(2);
  });

  it.each<[string, Partial<RequestState>, Fields]>([
    ['other rights', { rights: 'admin' }, {}],
    ['other headers that are passed on', { passed: { 'x-tenant': 'b' } }, {}],
    ['other variables', {}, { a: 2 }],
    [
      'a wish to see its costs',
      { explanation: { plan: undefined, isPlanKnown: undefined, fetches: [], steps: [] } },
      {},
    ],
  ])('are not shared with %s', (_, more, variables) => {
    const { runs, ask, caller } = openRuns();
    const query = operation();
    void ask(query, caller({ passed: { 'x-tenant': 'a' } }), {});
    void ask(query, caller({ passed: { 'x-tenant': 'a' }, ...more }), variables);
    expect(runs).toHaveLength(2);
  });

  it('are not shared with another operation, nor with who comes a second later or after the answer', async () => {
    const { runs, ask, caller, clock } = openRuns();
    const query = operation();
    void ask(operation(), caller());
    const answer = ask(query, caller());
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await answer;
    void ask(query, caller());
    expect(runs).toHaveLength(3);
    clock.pass(999);
    void ask(query, caller());
    expect(runs).toHaveLength(3);
    clock.pass(1);
    void ask(query, caller());
    expect(runs).toHaveLength(4);
  });

  it('are parted by the beginning of a mutation and by its end, and mutations are never shared', async () => {
    const { runs, ask, caller } = openRuns();
    const [query, mutation] = [operation(), operation('mutation')];
    void ask(query, caller());
    const changed = ask(mutation, caller());
    void ask(query, caller());
    void ask(query, caller());
    expect(runs).toHaveLength(3);
    runs[1]?.end();
    await changed;
    void ask(query, caller());
    expect(runs).toHaveLength(4);
    void ask(mutation, caller());
    void ask(mutation, caller());
    expect(runs).toHaveLength(6);
  });

  it('are left when the last caller hangs up, and not before; who comes then is not served by what was left', () => {
    const { runs, ask, caller } = openRuns();
    const query = operation();
    const [first, second] = [caller(), caller()];
    void ask(query, first);
    void ask(query, second);
    let isLeft = false;
    runs[0]?.state.patience.onGone(() => (isLeft = true));
    first.leave();
    expect(isLeft).toBe(false);
    second.leave();
    expect(isLeft).toBe(true);
    void ask(query, caller());
    expect(runs).toHaveLength(2);
  });

  it('are joined by who does not run anything, and by nobody where there is none to join', async () => {
    const { runs, ask, caller, sharing, noted } = openRuns();
    const query = operation();
    const join = (rights: string) => sharing.join({ operation: query, variables: undefined }, caller({ rights }).state);
    expect(join('everybody')).toBeUndefined();
    const answer = ask(query, caller());
    const joined = join('everybody');
    expect([joined === undefined, join('admin'), noted()]).toEqual([false, undefined, 1]);
    runs[0]?.end();
    expect([await answer, (await joined)?.body.toString()]).toEqual(['run 0', 'run 0']);
    expect(join('everybody')).toBeUndefined();
  });

  it('have the time that the first caller has left', () => {
    const { runs, ask, caller, clock } = openRuns();
    const first = caller();
    clock.pass(400);
    void ask(operation(), first);
    expect(runs[0]?.state.patience.leftMs()).toBe(9_600);
  });
});
