// Whose word is enough to forget somebody: the follower alone, on collections that nobody may touch.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { WriteCall } from '../call.ts';
import { answerRequests, type DataSubjectStore } from './answerRequests.ts';
import { ERASED } from './dataSubjectEvents.ts';

const TOUCHED = 'the request was taken up';
const UNTOUCHABLE: unknown = new Proxy(
  {},
  {
    get: () => {
      throw new Error(TOUCHED);
    },
  },
);
const WRITE = { tenantId: 'main', now: new Date(0) } as unknown as WriteCall;

function apply(source: string, isAsked?: DataSubjectStore['isAsked']): Promise<Iterable<string>> {
  const store: DataSubjectStore = {
    ...{ store: 'orders', steps: UNTOUCHABLE as DataSubjectStore['steps'], collections: [], forgetsAt: ERASED.type },
    ...(isAsked && { isAsked }),
  };
  const data = { customerId: 'cus_anna01', formerIds: [], erasedAt: '2026-01-01T00:00:00.000Z' };
  const event = { id: 'e1', source, type: ERASED.type, subject: 'dsr_000001', data } as unknown as GraphEvent;
  return answerRequests(store).apply(WRITE, [event]);
}

describe('a request to forget somebody', () => {
  it('is taken up from the owner of customers alone', async () => {
    expect([...(await apply('/crm/orders'))]).toEqual([]);
    await expect(apply('/crm/customers')).rejects.toThrow(TOUCHED);
  });

  it('has no effect where requests are kept and it is not among them', async () => {
    const asked: unknown[] = [];
    const isAsked =
      (answer: boolean) =>
      (...[, ...words]: [WriteCall, string, string]) =>
        Promise.resolve(asked.push(words) > 0 && answer);
    expect([...(await apply('/crm/customers', isAsked(false)))]).toEqual([]);
    await expect(apply('/crm/customers', isAsked(true))).rejects.toThrow(TOUCHED);
    expect(asked).toEqual([
      ['dsr_000001', 'cus_anna01'],
      ['dsr_000001', 'cus_anna01'],
    ]);
  });
});
