// GraphiQL in a real browser: it opens from the gateway with no request to anywhere else, and a click answers a query.
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../harness/browser.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

/** In a process of its own: the bundler does not run within the test runner. */
const BUILD_IDE = `await (await import('${new URL('../../../gateway/ide/build.ts', import.meta.url).href}')).buildIde()`;
const PATIENCE_MS = 50_000;

let graph: TestGraph;
let browser: Browser;
let page: Page;
const asked: string[] = [];

beforeAll(async () => {
  // As npm start does, so that the page is that of the sources.
  const built = await runProcess(['--input-type=module', '-e', BUILD_IDE]);
  expect([built.code, built.output]).toEqual([0, '']);
  graph = await startTestGraph(20);
  browser = await openBrowser();
  page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(new URL(`/#key=${graph.key}`, graph.url).href);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await graph.stop();
});

describe('GraphiQL', () => {
  it('opens with the golden queries as tabs', async () => {
    for (const name of ['Customer360', 'CampaignAttribution', 'BehaviourSegment', 'OrderList']) {
      await page.getByRole('tab', { name }).waitFor();
    }
  });

  it('answers a golden query by a click', async () => {
    // The editors take their time on a busy machine; GraphiQL forgets the variables of who clicks before they are there.
    const editors = page.locator('.graphiql-editors .monaco-editor');
    await waitUntil(async () => (await editors.count()) >= 3, PATIENCE_MS);
    const query = page.locator('.graphiql-query-editor');
    await waitUntil(async () => (await query.innerText()).includes('Customer360'), PATIENCE_MS);
    await page.getByRole('tab', { name: 'Customer360' }).click();
    await page.getByRole('button', { name: /execute query/i }).click();
    const response = page.locator('.graphiql-response');
    const text = await waitUntil(async () => {
      const shown = await response.innerText();
      return shown.includes('}') && shown;
    }, PATIENCE_MS);
    expect(text).toContain('displayName');
    expect(text).not.toContain('"errors"');
  }, 120_000);

  it('keeps the key for this tab alone: out of the address, out of what lasts, and still there when loaded anew', async () => {
    const { origin } = new URL(graph.url);
    expect(page.url()).toBe(`${origin}/`);
    const kept = await page.evaluate<string>('JSON.stringify({ ...localStorage }) + document.cookie');
    expect(kept).not.toContain(graph.key);
    await page.reload();
    const headers = page.locator('.graphiql-editor-tool');
    await page.getByRole('button', { name: 'Headers' }).click();
    await waitUntil(async () => (await headers.innerText()).includes(graph.key), PATIENCE_MS);
    const other = await page.context().newPage();
    await other.goto(`${origin}/`);
    expect(await other.evaluate<number>('sessionStorage.length')).toBe(0);
    await other.close();
  }, 120_000);

  it('takes another key that is put into the address of the open page', async () => {
    const before = await page.evaluate<number>('performance.timeOrigin');
    await page.evaluate("location.hash = '#key=crm_test_another'");
    const { origin } = new URL(graph.url);
    await waitUntil(
      async () =>
        page.url() === `${origin}/` &&
        (await page.evaluate<number>('performance.timeOrigin').catch(() => before)) > before,
      PATIENCE_MS,
    );
    expect(await page.evaluate<string>('JSON.stringify({ ...sessionStorage })')).toContain('"crm_test_another"');
  }, 120_000);

  it('tells no server of the key', () => {
    expect(asked.filter((url) => url.includes(graph.key))).toEqual([]);
  });

  it('asks nobody but its gateway', () => {
    const { origin } = new URL(graph.url);
    const elsewhere = asked.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url));
    expect(asked.length).toBeGreaterThan(3);
    expect(elsewhere).toEqual([]);
  });
});
