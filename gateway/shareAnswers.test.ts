import { openHandClock } from '../test/harness/handClock.ts';
import { callerAt, type Caller } from '../test/harness/requestStates.ts';
import { OPEN_CALLER } from './caller.ts';
import type { RequestState } from './requestState.ts';
import { DEFAULT_MEDIA_TYPE, type MediaType } from './respond/mediaType.ts';
import { openAnswerSharing, type Lead } from './shareAnswers.ts';
import type { Concluded, ToldCost } from './conclude.ts';

function concludedWith(body: string): Concluded {
  const came = { status: 200, headers: {}, body: { ascii: body } };
  return { came, outcome: 'ok', codes: new Set(), operation: undefined, used: undefined };
}

/** Requests whose work the test ends; each is answered with its own number. */
function openRuns() {
  const clock = openHandClock();
  let shared = 0;
  const faults: unknown[] = [];
  const sharing = openAnswerSharing(
    clock,
    () => shared++,
    (error) => faults.push(error),
  );
  const runs: (Lead & { readonly end: () => void })[] = [];
  const answers: string[] = [];
  const ask = (
    text: string,
    { state }: Caller,
    more: { media?: MediaType; onAnswer?: () => void; isAdmitted?: false } = {},
  ): void => {
    const what = { text, media: more.media ?? DEFAULT_MEDIA_TYPE };
    const conclude = ({ came }: Concluded, cost?: ToldCost): void => {
      const text = 'body' in came && 'ascii' in came.body ? came.body.ascii : '';
      answers.push(cost === undefined ? text : `${text} of ${String(cost.report?.requested)}`);
      more.onAnswer?.();
    };
    const running = sharing.find(what, state);
    if (running !== undefined) {
      running.join(state, conclude);
      return;
    }
    const lead = sharing.lead(what, state, conclude);
    if (more.isAdmitted !== false) lead.noteAdmitted(5);
    const number = runs.length;
    runs.push({ ...lead, end: () => lead.conclude(concludedWith(`run ${number}`)) });
  };
  return {
    clock,
    sharing,
    runs,
    answers,
    faults,
    ask,
    noted: () => shared,
    caller: (more: Partial<RequestState> = {}) => callerAt(clock, more),
  };
}

describe('equal queries at the same time', () => {
  it('are run once, and everybody gets that answer', () => {
    const { runs, ask, caller, noted, answers } = openRuns();
    ask('q', caller());
    ask('q', caller());
    ask('q', caller());
    expect([runs.length, noted()]).toEqual([1, 2]);
    runs[0]?.end();
    expect(answers).toEqual(['run 0', 'run 0', 'run 0']);
  });

  it('are not joined before it is known what they cost', () => {
    const { runs, ask, caller, sharing } = openRuns();
    ask('q', caller(), { isAdmitted: false });
    ask('q', caller());
    expect(runs).toHaveLength(2);
    expect(sharing.find({ text: 'q', media: DEFAULT_MEDIA_TYPE }, caller().state)?.points).toBe(5);
  });

  it('leave what the first is told of its cost to the first', () => {
    const { runs, ask, caller, answers } = openRuns();
    ask('q', caller());
    ask('q', caller());
    runs[0]?.conclude(concludedWith('a'), { report: { requested: 7, actual: 1 }, headers: {} });
    expect(answers).toEqual(['a of 7', 'a']);
  });

  it('are answered even where one of those who wait cannot take the answer', () => {
    const { runs, ask, caller, answers, faults } = openRuns();
    ask('q', caller());
    ask('q', caller(), {
      onAnswer: () => {
        throw new Error('gone');
      },
    });
    ask('q', caller());
    runs[0]?.end();
    expect(answers).toHaveLength(3);
    expect(faults).toEqual([new Error('gone')]);
  });

  it.each<[string, Partial<RequestState>]>([
    ['other rights', { caller: { ...OPEN_CALLER, rights: 'admin' } }],
    ['other headers that are passed on', { passed: { 'x-tenant': 'b' } }],
    ['more headers that are passed on', { passed: { 'x-tenant': 'a', more: '1' } }],
    [
      'a wish to see its costs',
      { explanation: { plan: undefined, isPlanKnown: undefined, fetches: [], recalled: [], steps: [] } },
    ],
  ])('are not shared with %s', (_, more) => {
    const { runs, ask, caller } = openRuns();
    ask('q', caller({ passed: { 'x-tenant': 'a' } }));
    ask('q', caller({ passed: { 'x-tenant': 'a' }, ...more }));
    expect(runs).toHaveLength(2);
  });

  it('are not shared with who asked to see its costs first', () => {
    const { runs, ask, caller } = openRuns();
    ask(
      'q',
      caller({ explanation: { plan: undefined, isPlanKnown: undefined, fetches: [], recalled: [], steps: [] } }),
    );
    ask('q', caller());
    expect(runs).toHaveLength(2);
  });

  it('are told apart by their text and by the form of the answer', () => {
    const { runs, ask, caller } = openRuns();
    ask('q', caller());
    ask('q ', caller());
    ask('q', caller(), { media: { contentType: 'application/graphql-response+json', isPlain: false } });
    expect(runs).toHaveLength(3);
  });

  it('are shared among each who have the same rights, side by side', () => {
    const { runs, ask, caller } = openRuns();
    for (const rights of ['a', 'b', 'a', 'b']) ask('q', caller({ caller: { ...OPEN_CALLER, rights } }));
    expect(runs).toHaveLength(2);
    runs[0]?.end();
    ask('q', caller({ caller: { ...OPEN_CALLER, rights: 'b' } }));
    ask('q', caller({ caller: { ...OPEN_CALLER, rights: 'a' } }));
    expect(runs).toHaveLength(3);
  });

  it('are not shared with who comes a second later or after the answer', () => {
    const { runs, ask, caller, clock } = openRuns();
    ask('q', caller());
    runs[0]?.end();
    ask('q', caller());
    expect(runs).toHaveLength(2);
    clock.pass(999);
    ask('q', caller());
    expect(runs).toHaveLength(2);
    clock.pass(1);
    ask('q', caller());
    expect(runs).toHaveLength(3);
  });

  it('are parted by a mutation that begins or ends', () => {
    const { runs, ask, caller, sharing } = openRuns();
    ask('q', caller());
    sharing.notePassing();
    ask('q', caller());
    ask('q', caller());
    expect(runs).toHaveLength(2);
    sharing.notePassing();
    ask('q', caller());
    expect(runs).toHaveLength(3);
  });

  it('are left when the last caller hangs up, and not before; who comes then is not served by what was left', () => {
    const { runs, ask, caller } = openRuns();
    const [first, second] = [caller(), caller()];
    ask('q', first);
    ask('q', second);
    let isLeft = false;
    runs[0]?.patience.onGone(() => {
      isLeft = true;
    });
    first.leave();
    expect(isLeft).toBe(false);
    second.leave();
    expect(isLeft).toBe(true);
    ask('q', caller());
    expect(runs).toHaveLength(2);
  });

  it('have the time of the first', () => {
    const { runs, ask, caller, clock } = openRuns();
    ask('q', caller());
    clock.pass(400);
    ask('q', caller());
    expect(runs[0]?.patience.leftMs()).toBe(9_600);
  });
});
