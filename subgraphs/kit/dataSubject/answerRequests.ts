// A subgraph's part of forgetting and copying people: hears the request, walks its collections a page a transaction, and
// answers with its counts. Asked again, it answers again and does nothing twice.
import type { Model } from 'mongoose';
import type { GraphEvent } from '../../../contracts/event.ts';
import type { NewEvent } from '../../../sync/outbox/newEvent.ts';
import type { WriteCall } from '../call.ts';
import type { Follower } from '../follow/follower.ts';
import { isId, needsFields } from '../follow/readData.ts';
import { emitEvents } from '../write/emitEvents.ts';
import { answeredEvent, copiedEvent, EXPORT_REQUESTED, type AskedPerson } from './dataSubjectEvents.ts';
import { inPieces } from './pieces.ts';
import type { PersonalCollection, PersonalPage } from './personalCollection.ts';
import { readStep, writeStep, type DataSubjectStep } from './steps.ts';

/** Who alone may ask: the owner of customers. */
const ASKER = '/crm/customers';

/** What a subgraph holds of people, and when it forgets them. */
export interface DataSubjectStore {
  /** The subgraph's name. */
  readonly store: string;
  readonly steps: Model<DataSubjectStep>;
  readonly collections: readonly PersonalCollection[];
  /** The type of the event at which it forgets. */
  readonly forgetsAt: string;
  /** Says whether there is such a request; absent where requests are not kept. What it says no to has no effect. */
  isAsked?(write: WriteCall, requestId: string, customerId: string): Promise<boolean>;
  /** Runs before the answer to a request to forget is told; it may run several times. */
  afterForgetting?(write: WriteCall, requestId: string, customerIds: readonly string[]): Promise<void>;
}

interface PersonData {
  readonly customerId: string;
  readonly formerIds: readonly string[];
}

const CHECK = needsFields({
  customerId: isId('cus'),
  formerIds: (value) => Array.isArray(value) && value.every(isId('cus')),
});

/** One request at one subgraph. */
class Walk {
  private readonly of: DataSubjectStore;
  private readonly write: WriteCall;
  private readonly event: GraphEvent;
  private readonly person: PersonData;

  constructor(of: DataSubjectStore, write: WriteCall, event: GraphEvent) {
    this.of = of;
    this.write = write;
    this.event = event;
    this.person = event.data as PersonData;
  }

  private get customerIds(): readonly string[] {
    return [this.person.customerId, ...this.person.formerIds];
  }

  /** Does one page; says whether all is done. */
  async goOn(): Promise<boolean> {
    const { of, write, event } = this;
    let step = await readStep(of.steps, write, event.subject);
    const collection = of.collections[step.collectionAt];
    if (step.doneAt === null && collection !== undefined) {
      const page = await collection.readPage(write, this.customerIds, step.after ?? undefined);
      const told = event.type === EXPORT_REQUESTED.type ? this.copiesOf(step, collection.name, page) : [];
      if (event.type !== EXPORT_REQUESTED.type) await page.forget();
      await emitEvents(write, told);
      step = advanced(step, collection.name, page, told.length);
    }
    const isDone = step.doneAt !== null || step.collectionAt >= of.collections.length;
    if (isDone) step = await this.answer(step);
    await writeStep(of.steps, write, step);
    return isDone;
  }

  private asked(step: DataSubjectStep, more: number): AskedPerson {
    return { requestId: this.event.subject, version: step.eventCount + more, ...this.person };
  }

  private copiesOf(step: DataSubjectStep, collection: string, page: PersonalPage): NewEvent[] {
    const from = { store: this.of.store, collection };
    return inPieces(page.copies()).map((documents, at) => copiedEvent(this.asked(step, at + 1), from, documents));
  }

  private async answer(step: DataSubjectStep): Promise<DataSubjectStep> {
    const { of, write, event } = this;
    if (event.type !== EXPORT_REQUESTED.type) await of.afterForgetting?.(write, event.subject, this.customerIds);
    const doneAt = step.doneAt ?? write.now;
    const answer = { store: of.store, at: doneAt, counts: step.counts };
    await emitEvents(write, [answeredEvent(this.asked(step, 1), answer)]);
    return { ...step, doneAt, eventCount: step.eventCount + 1 };
  }
}

function advanced(step: DataSubjectStep, name: string, page: PersonalPage, eventCount: number): DataSubjectStep {
  return {
    ...step,
    counts: { ...step.counts, [name]: (step.counts[name] ?? 0) + page.count },
    collectionAt: page.next === undefined ? step.collectionAt + 1 : step.collectionAt,
    after: page.next ?? null,
    eventCount: step.eventCount + eventCount,
  };
}

/** Takes what a subgraph holds of people; gives the follower that forgets and copies it. */
export function answerRequests(of: DataSubjectStore): Follower {
  return {
    name: `${of.store}.dataSubjects`,
    entities: ['DataSubjectRequest'],
    types: {
      [of.forgetsAt]: { needs: 'each', check: CHECK },
      [EXPORT_REQUESTED.type]: { needs: 'each', check: CHECK },
    },
    async apply(write, events) {
      const unfinished: string[] = [];
      for (const event of events.filter(({ source }) => source === ASKER)) {
        const { customerId } = event.data as PersonData;
        if ((await of.isAsked?.(write, event.subject, customerId)) === false) continue;
        const isDone = await new Walk(of, write, event).goOn();
        if (!isDone) unfinished.push(event.id);
      }
      return unfinished;
    },
  };
}
