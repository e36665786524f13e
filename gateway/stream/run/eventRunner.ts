// Runs one stream's operation for each of its events, as the caller may see it at that moment: charged, authorized and
// fetched like any query, and shared with streams that ask the same of the same event. Where the caller's points are
// used up, or the gateway is full, the event waits; it is never dropped.
import { chargePoints } from '../../admit/chargePoints.ts';
import { LIMITS } from '../../admit/limits.ts';
import type { Caller } from '../../caller.ts';
import { ClientPatience } from '../../patience.ts';
import { requestIdOf } from '../../receive/requestId.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal, type RequestState } from '../../requestState.ts';
import { runOperation, type PricedAnswer, type RunParts } from '../../runOperation.ts';
import type { Graph } from '../../openGraph.ts';
import type { ServedGraph } from '../../servedGraph.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { Observer } from '../../observe/observer.ts';
import { checkSubscription, type CheckedSubscription } from './checkSubscription.ts';
import type { FeedEvent } from '../feed/feedEvent.ts';
import type { LiveField } from './liveFields.ts';
import { ShownEntities, type SharedRuns } from './sharedRuns.ts';

/** What runs of all streams need. */
export interface RunnerParts extends RunParts {
  readonly served: ServedGraph;
  readonly runs: SharedRuns<PricedAnswer | Refusal>;
  /** The caller as its key is now; undefined for one that has ended. */
  readonly currently: (caller: Caller) => Caller | undefined;
  readonly requestTimeoutMs: number;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_MS = 1_000;
/** What an event waits for: it can be had a moment later. */
const WAITED_FOR: ReadonlySet<string> = new Set(['RATE_LIMITED', 'QUOTA_EXHAUSTED', 'OVERLOADED']);

function mustWait(outcome: unknown): boolean {
  return isRefusal(outcome) && WAITED_FOR.has(outcome.refused);
}

/** Whether two fields of one name are told by the same events. */
function areHeardAlike(left: LiveField, right: LiveField): boolean {
  const [mine, others] = [left.sources, right.sources];
  return left.type === right.type && mine.size === others.size && [...mine].every((source) => others.has(source));
}

/** Runs the events of one stream, one after the other. */
export class EventRunner {
  private readonly asked: GraphqlRequest;
  private readonly state: RequestState;
  private readonly parts: RunnerParts;
  private readonly shown: ShownEntities;
  private checked: CheckedSubscription;

  /** `isResumed`: the client goes on where another stream left it. */
  constructor(
    asked: GraphqlRequest,
    state: RequestState,
    checked: CheckedSubscription,
    isResumed: boolean,
    parts: RunnerParts,
  ) {
    this.shown = isResumed ? parts.runs.goOn() : new ShownEntities();
    this.asked = asked;
    this.state = state;
    this.checked = checked;
    this.parts = parts;
  }

  /** Looks whether the stream may still be followed; gives why not. */
  async recheck(): Promise<Refusal | undefined> {
    const refused = await this.parts.served.withGraph((graph) => this.check(graph));
    // Too busy to look is no reason to end: the next event looks again, and waits until it could.
    return mustWait(refused) ? undefined : refused;
  }

  /** Gives the message's text, or why the stream ends. */
  async run(event: FeedEvent, entityId: string, isOpen: () => boolean): Promise<string | Refusal> {
    const { clock, log, observer } = this.parts;
    try {
      for (;;) {
        const outcome = await this.parts.served.withGraph((graph) => this.runOn(graph, event, entityId));
        if (!mustWait(outcome)) return outcome;
        await new Promise<void>((go) => clock.after(RETRY_MS, go));
        if (!isOpen()) return refuse('DRAINING');
      }
    } catch (error) {
      log.error({ err: error, requestId: this.state.requestId }, 'fault');
      observer.faulted();
      return refuse('INTERNAL');
    }
  }

  private async check(graph: Graph): Promise<Refusal | undefined> {
    const caller = this.parts.currently(this.state.caller);
    if (caller === undefined) return refuse('API_KEY_REVOKED');
    this.state.caller = caller;
    if (this.checked.graph === graph && this.checked.rights === caller.rights) return undefined;
    const checked = await checkSubscription(this.asked, caller, graph, this.parts);
    if (isRefusal(checked)) return checked;
    // The stream hears the events of the field as it was: the client goes on with it as it is.
    if (!areHeardAlike(this.checked.live.field, checked.live.field)) return refuse('DRAINING');
    this.checked = checked;
    return undefined;
  }

  private async runOn(graph: Graph, event: FeedEvent, entityId: string): Promise<string | Refusal> {
    const refused = await this.check(graph);
    if (refused !== undefined) return refused;
    const { query, live } = this.checked;
    const { caller, passed } = this.state;
    const asked = { ...query, variables: { ...query.variables, [live.idVariable]: entityId } };
    const key = JSON.stringify([
      ...[graph.supergraph.hash, caller.rights, passed, asked.query, asked.operationName, asked.variables],
      event.identity,
    ]);
    const begin = (): Promise<PricedAnswer | Refusal> =>
      runOperation(asked, graph, this.stateFor(event), this.parts, () => undefined);
    const isKept = (outcome: PricedAnswer | Refusal): boolean => !isRefusal(outcome);
    const { outcome, isOwn } = await this.parts.runs.run(key, entityId, this.shown, begin, isKept);
    this.parts.observer.streamRan(!isOwn);
    if (isRefusal(outcome)) return outcome;
    // Who shares a run pays for it all the same.
    const unpaid = isOwn ? undefined : await this.charge(outcome, caller);
    return unpaid ?? this.textOf(outcome);
  }

  private async charge({ points, actualPoints }: PricedAnswer, caller: Caller): Promise<Refusal | undefined> {
    const charge = await chargePoints(this.parts.points, caller, points);
    if (isRefusal(charge)) return charge;
    charge.settle(actualPoints);
    return undefined;
  }

  private textOf({ text }: PricedAnswer): string | Refusal {
    return Buffer.byteLength(text) > LIMITS.streamMessageBytesMax.value ? refuse('ANSWER_TOO_LARGE') : text.trimEnd();
  }

  private stateFor(event: FeedEvent): RequestState {
    const { clock, requestTimeoutMs } = this.parts;
    const startMs = clock.steadyMs();
    return {
      ...this.state,
      requestId: requestIdOf(undefined),
      patience: new ClientPatience(startMs, requestTimeoutMs, clock),
      startMs,
      elapsedMs: () => clock.steadyMs() - startMs,
      explanation: undefined,
      innerFaults: [],
      operation: this.state.operation && { name: this.state.operation.name, kind: 'query' },
      trace: undefined,
      readAfter: event.identity,
    };
  }
}
