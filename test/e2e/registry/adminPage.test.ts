// The registry's page on a gateway's admin port: its files for everybody, its data for the credential alone, which no
// storage of the browser keeps; and what the gateway counts shows.
import type { Browser, Page } from 'playwright-core';
import { drawSecret } from '../../../platform/random.ts';
import { openBrowser } from '../../harness/browser.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const BUILD = `await (await import('${new URL('../../../registry/web/build.ts', import.meta.url).href}')).buildPage()`;
const PATIENCE_MS = 60_000;

describe('the page on the admin port', () => {
  const token = drawSecret(24);
  let graph: TestGraph;
  let browser: Browser;
  let page: Page;
  let admin: string;
  const read = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(admin + path, { headers, redirect: 'manual' });

  beforeAll(async () => {
    const built = await runProcess(['--input-type=module', '-e', BUILD]);
    expect([built.code, built.output]).toEqual([0, '']);
    graph = await startTestGraph(10, { CRM_ADMIN_PORT: '0', CRM_ADMIN_TOKEN: token });
    admin = await waitUntil(() => /"url":"(http:[^"]+)"[^\n]*keys are managed here/.exec(graph.output())?.[1]);
    await graph.ask('{ customers(first: 1) { edges { node { displayName } } } }');
    browser = await openBrowser();
    page = await (await browser.newContext()).newPage();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await graph.stop();
  });

  it('gives its data to nobody without the credential, and to no other site’s page', async () => {
    expect((await read('/registry')).headers.get('location')).toBe('/registry/');
    expect((await read('/registry/')).status).toBe(200);
    const bearer = { authorization: `Bearer ${token}` };
    for (const path of ['overview', 'search?q=a', 'history', 'element?coordinate=Query', 'nothing']) {
      expect((await read(`/registry/api/${path}`)).status).toBe(401);
      expect((await read(`/registry/api/${path}`, { authorization: `Bearer ${token}x` })).status).toBe(401);
    }
    expect((await read('/registry/api/overview', bearer)).status).toBe(200);
    expect((await read('/registry/api/overview', { ...bearer, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await read('/registry/../graphql', bearer)).status).toBe(405);
  });

  it('asks for the credential, keeps it in memory alone, and shows what the gateway serves', async () => {
    await page.goto(`${admin}/registry/#/schema/Customer.email`);
    const field = page.getByLabel('Admin credential');
    await field.fill(`${token}x`);
    await page.keyboard.press('Enter');
    await page.getByText('This is not the credential.').waitFor();
    await field.fill(token);
    await page.keyboard.press('Enter');
    await page.getByText('It takes the scopes').waitFor();
    expect(await page.locator('.shown').innerText()).toContain('What this gateway serves');
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
    );
    expect(kept).not.toContain(token);
    await page.reload();
    await field.waitFor();
  }, 90_000);

  it('shows what the gateway counted', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const sentence = await waitUntil(async () => {
      const answer = await read('/registry/api/element?coordinate=Customer.displayName', headers);
      const { use } = (await answer.json()) as { use: { total: number; sentence: string } };
      return use.total > 0 && use.sentence;
    }, PATIENCE_MS);
    expect(sentence).toContain('by 1 caller');
  }, 90_000);
});
