// An answer that is put together out of answers within their limit can still be too long as a whole.
import { startLiarSubgraph } from '../../harness/liarSubgraph.ts';
import { startTestGateway } from '../../harness/testGateway.ts';

describe('the whole answer', () => {
  it('is given up to 8 MB and refused beyond', async () => {
    const [customers, orders, marketing] = await Promise.all([
      startLiarSubgraph('long customers'),
      startLiarSubgraph('long orders'),
      startLiarSubgraph('long campaigns'),
    ]);
    const addresses = { customers: customers.url, orders: orders.url, marketing: marketing.url };
    const gateway = await startTestGateway({ addresses });
    const within = await gateway.query('{ customers { displayName } orders { number } }');
    const beyond = await gateway.query('{ customers { displayName } orders { number } campaigns { name } }');
    await gateway.stop();
    await Promise.all([customers, orders, marketing].map((liar) => liar.stop()));
    expect([within.status, within.text.length > 6_000_000]).toEqual([200, true]);
    expect([beyond.status, beyond.codes, beyond.data]).toEqual([400, ['ANSWER_TOO_LARGE'], undefined]);
  });
});
