// GraphiQL in a real browser: it opens from the gateway with no request to anywhere else, and a click answers a query.
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

/** Finds the system's Chromium: none is brought by an npm install. */
function findBrowser(): string {
  const folders = (inheritedEnvironment()['PATH'] ?? '').split(delimiter);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const path of folders.map((folder) => join(folder, name))) {
      try {
        accessSync(path);
        return path;
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error('this test needs a Chromium of the system: apt-get install chromium');
}

const PATIENCE_MS = 50_000;

let graph: TestGraph;
let browser: Browser;
let page: Page;
const asked: string[] = [];

beforeAll(async () => {
  graph = await startTestGraph(20);
  browser = await chromium.launch({
    executablePath: findBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(new URL('/', graph.url).href);
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

  it('asks nobody but its gateway', () => {
    const { origin } = new URL(graph.url);
    const elsewhere = asked.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url));
    expect(asked.length).toBeGreaterThan(3);
    expect(elsewhere).toEqual([]);
  });
});
