// GraphQL over HTTP to the letter: the audits of the `graphql-http` package against a real gateway process.
// docs/graphql-over-http.md tells users what is given up by default, and why.
import { serverAudits } from 'graphql-http';
import { readFile } from 'node:fs/promises';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

const AUDITS_COUNT = 61;
const DOCS = new URL('../../../docs/graphql-over-http.md', import.meta.url);

/** A query by GET is what a web page can send in its visitor's name without the browser asking us first. */
const CROSS_SITE =
  'A GET without a header that only our own pages can set may come from a foreign web page; its answer may differ by who visits it.';

/** The audits that the gateway fails with its protection on, and why that is meant. */
const GIVEN_UP: Readonly<Record<string, string>> = { '5A70': CROSS_SITE, D6D5: CROSS_SITE, '6A70': CROSS_SITE };

/** Runs every audit; gives the status that was answered to those that do not hold. */
async function failedAudits(gateway: TestGateway): Promise<Record<string, number>> {
  const failed: Record<string, number> = {};
  const audits = serverAudits({ url: `${gateway.url}/graphql` });
  expect(audits).toHaveLength(AUDITS_COUNT);
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') failed[audit.id] = result.response.status;
  }
  return failed;
}

describe('GraphQL over HTTP', () => {
  it('is kept to the letter where cross-site requests are allowed: 61 audits of 61', async () => {
    const gateway = await startTestGateway({ env: { CRM_CROSS_SITE_REQUESTS_ALLOWED: 'true' } });
    const failed = await failedAudits(gateway);
    await gateway.stop();
    expect(failed).toEqual({});
  });

  it('is kept by default but for queries that a foreign web page could have sent', async () => {
    const gateway = await startTestGateway();
    const failed = await failedAudits(gateway);
    await gateway.stop();
    expect(failed).toEqual(Object.fromEntries(Object.keys(GIVEN_UP).map((id) => [id, 403])));
  });

  it('has what is given up in its documentation', async () => {
    const page = await readFile(DOCS, 'utf8');
    for (const [id, why] of Object.entries(GIVEN_UP)) {
      expect(page).toContain(`\`${id}\``);
      expect(page.replaceAll(/\s+/g, ' ')).toContain(why);
    }
  });
});
