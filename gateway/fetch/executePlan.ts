// Runs a compiled plan: fetches as soon as what they build on is there, answers into one tree, failures at their places.
// Written with callbacks: a step starts in the same turn in which the one before it ended, so that fetches which become
// ready together are seen together and joined.
import type { CompiledOperation, ExecutedPlan, FetchStep, Fields, PlanStep } from '../compiledOperation.ts';
import type { RequestState } from '../requestState.ts';
import type { EntityCache } from './entityCache.ts';
import { joinParts, representationsVariable, type JoinedParts } from './joinFetches.ts';
import { JoinSets } from './joinSets.ts';
import { readCommands } from './parseAnswer.ts';
import { Recall } from './recallEntities.ts';
import { objectsAt, readParts, type FetchPart } from './representations.ts';
import type { FetchOutcome, SubgraphFetch } from './subgraphLinks.ts';
import { AnswerTaker, type AnswerRules } from './takeAnswer.ts';

/** What executing needs. */
export interface ExecutorParts extends AnswerRules {
  /** Sends a fetch; gives what cancels it, after which `done` is called all the same. */
  readonly send: (fetch: SubgraphFetch, state: RequestState, done: (outcome: FetchOutcome) => void) => () => void;
  readonly representationsMax: number;
  /** What keeps entities; undefined where nothing is kept. */
  readonly cache: EntityCache | undefined;
  /** Runs a task after a time; gives what cancels it. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** One request's run. */
export interface Run {
  readonly operation: CompiledOperation;
  /** The variables as received: subgraphs coerce them again. */
  readonly variables: Fields;
  readonly state: RequestState;
}

type Next = () => void;

/** A part that can be sent, and what goes on once it is answered. */
interface ReadyPart {
  readonly part: FetchPart;
  readonly next: Next;
}

class PlanRun {
  private readonly run: Run;
  private readonly answers: AnswerTaker;
  private readonly parts: ExecutorParts;
  private readonly sets: JoinSets<ReadyPart>;
  private readonly recall: Recall | undefined;
  private ready: ReadyPart[] = [];
  /** What was read since the last answer was taken, by what tells readings apart. */
  private readonly alreadyRead = new Map<string, FetchPart>();
  private turns = 0;
  /** What ends the queries that are on their way, when the client leaves. Mutations go on. */
  private readonly cancels = new Set<() => void>();
  private readonly stopListening: () => void;
  private readonly settle: (executed: ExecutedPlan) => void;
  private readonly fail: (error: unknown) => void;

  constructor(
    run: Run,
    parts: ExecutorParts,
    settle: (executed: ExecutedPlan) => void,
    fail: (error: unknown) => void,
  ) {
    this.run = run;
    this.parts = parts;
    this.answers = new AnswerTaker(run.operation, run.state, parts);
    this.sets = new JoinSets(
      run.operation.schedule,
      (delayMs, task) => parts.after(delayMs, () => this.turn(task)),
      (held) => void this.ready.push(...held),
    );
    const { variables, state } = run;
    // What is run for an event shows what that event changed: nothing kept serves it.
    const cache = state.readAfter === undefined ? parts.cache : undefined;
    const take = (part: FetchPart, values: readonly unknown[]): void => {
      this.alreadyRead.clear();
      this.answers.takeKept(part, values);
    };
    const { clientNameOf } = run.operation;
    this.recall = cache && new Recall({ cache, variables, state, clientNameOf, take });
    this.settle = settle;
    this.fail = fail;
    this.stopListening = run.state.patience.onGone(() => {
      for (const cancel of [...this.cancels]) cancel();
    });
  }

  start(): void {
    const { plan } = this.run.operation;
    this.turn(() => (plan === undefined ? this.end() : this.step(plan, () => this.end())));
  }

  private end(): void {
    this.stopListening();
    const { failures, shared, tree } = this.answers;
    this.settle({ tree, shared, failures: failures.isEmpty ? undefined : failures.byPlace, loose: failures.loose });
  }

  /** Does some work, then sends what has become ready by it. */
  private turn(work: () => void): void {
    this.turns++;
    try {
      work();
      while (this.turns === 1 && this.ready.length > 0) this.sendReady();
    } catch (error) {
      this.fail(error);
    } finally {
      this.turns--;
    }
  }

  private step(step: PlanStep, next: Next): void {
    switch (step.kind) {
      case 'fetch':
        this.fetch(step, next);
        break;
      case 'sequence':
        this.sequence(step.steps, 0, next);
        break;
      case 'parallel': {
        let left = step.steps.length;
        const innerDone = (): void => {
          if (--left === 0) next();
        };
        for (const inner of step.steps) this.step(inner, innerDone);
      }
    }
  }

  private sequence(steps: readonly PlanStep[], at: number, next: Next): void {
    const step = steps[at];
    if (step === undefined) next();
    else this.step(step, () => this.sequence(steps, at + 1, next));
  }

  private fetch(step: FetchStep, next: Next): void {
    const { tree, failures, shared } = this.answers;
    if (step.entity === undefined) {
      // A field may give the root again, beneath what others brought: `mutation { pay { query { customer { name } } } }`.
      const objects = step.path.length === 0 ? [tree] : objectsAt(tree, step.path, shared);
      const parts = objects.length === 0 ? [] : [{ step, objects, indexes: [], texts: [], context: '' }];
      this.sendFor(parts, next, (ready) => void this.ready.push(...ready));
      return;
    }
    const { isOfType } = this.run.operation;
    const { representationsMax } = this.parts;
    const { alreadyRead } = this;
    const parts = readParts(step, tree, { failures, shared, isOfType, representationsMax, alreadyRead });
    this.sendFor(parts, next, (ready) => this.sets.arrive(step, ready));
  }

  /** Hands on what of some parts has to be sent, and goes on when nothing has or all of it is answered. */
  private sendFor(parts: readonly FetchPart[], next: Next, send: (ready: readonly ReadyPart[]) => void): void {
    const sendAll = (left: readonly FetchPart[]): void => {
      let count = left.length;
      const partDone = (): void => {
        if (--count === 0) next();
      };
      send(left.map((part) => ({ part, next: partDone })));
      if (left.length === 0) next();
    };
    const { recall } = this;
    if (recall === undefined || parts[0]?.step.cache === undefined) {
      sendAll(parts);
      return;
    }
    const left: FetchPart[] = [];
    let waiting = parts.length;
    for (const part of parts) {
      recall.recall(part, (rest) =>
        this.turn(() => {
          if (rest !== undefined) left.push(rest);
          if (--waiting === 0) sendAll(left);
        }),
      );
    }
  }

  private sendReady(): void {
    const ready = this.ready;
    this.ready = [];
    const nextOf = new Map(ready.map(({ part, next }) => [part, next]));
    const requests = joinParts(
      ready.map(({ part }) => part),
      this.parts.representationsMax,
    );
    for (const request of requests) {
      this.send(request, () => {
        for (const part of request.origins) nextOf.get(part)?.();
      });
    }
  }

  private bodyOf({ parts, bodyHead }: JoinedParts): string {
    const written = new Set<string>();
    let text = '';
    parts.forEach(({ step, texts, context }, position) => {
      for (const { name, from } of step.variables) {
        if (written.has(name) || !Object.hasOwn(this.run.variables, from)) continue;
        written.add(name);
        text += `,${JSON.stringify(name)}:${JSON.stringify(this.run.variables[from])}`;
      }
      text += context;
      if (step.entity !== undefined) {
        text += `,"${representationsVariable(position, parts.length)}":[${texts.join(',')}]`;
      }
    });
    return `${bodyHead}${text.slice(1)}}}`;
  }

  private send(request: JoinedParts, next: Next): void {
    const [first] = request.parts;
    if (first === undefined) return;
    const { state } = this.run;
    const { subgraph, isMutation } = first.step;
    const startMs = state.elapsedMs();
    const asOf = this.recall?.asOf(request.parts) ?? '';
    const fetch = { subgraph, isMutation, body: this.bodyOf(request), asOf };
    // The outcome can come before the call returns.
    const sent = { isOver: false, cancel: (): void => undefined };
    const take = (outcome: FetchOutcome): void =>
      this.turn(() => {
        this.alreadyRead.clear();
        const taken = this.answers.take(request.parts, outcome, this.recall);
        this.explain(request.origins, startMs, taken.bytes, taken.extensions);
        next();
      });
    sent.cancel = this.parts.send(fetch, state, (outcome) => {
      sent.isOver = true;
      this.cancels.delete(sent.cancel);
      const { cache } = this.parts;
      if (!isMutation || cache === undefined) take(outcome);
      // Whoever reads after this answer is not given what was kept before it.
      else cache.noteWrite(subgraph, [fetch.body, 'text' in outcome ? outcome.text : ''], () => take(outcome));
    });
    if (!sent.isOver && !isMutation) this.cancels.add(sent.cancel);
  }

  private explain(parts: readonly FetchPart[], startMs: number, bytes: number, extensions: unknown): void {
    const { explanation } = this.run.state;
    if (explanation === undefined) return;
    const call = explanation.fetches.length;
    parts.forEach(({ step, texts }, position) => {
      explanation.fetches.push({
        subgraph: step.subgraph,
        path: step.path.map((key) => this.run.operation.clientNameOf(key)),
        startMs,
        ms: this.run.state.elapsedMs() - startMs,
        representations: texts.length,
        bytes: position === 0 ? bytes : 0,
        databaseCommands: position === 0 ? readCommands(extensions) : [],
        ...(position > 0 && { joinedTo: call }),
      });
    });
  }
}

/** Runs a compiled operation; gives the tree and what failed. Rejects for faults of our own alone. */
export function executePlan(run: Run, parts: ExecutorParts): Promise<ExecutedPlan> {
  return new Promise((settle, fail) => new PlanRun(run, parts, settle, fail).start());
}
