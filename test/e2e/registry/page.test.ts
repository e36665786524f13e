// The registry's page in a real browser: what it tells of a filled store, by keyboard alone, in light and in dark, and
// that it asks nobody but its own server.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../harness/browser.ts';
import { contrastFaults } from '../../harness/contrast.ts';
import { fillRegistryStore, type RegistryStore } from '../../harness/registryStore.ts';
import { runProcess, startProcess, waitUntil, type StartedProcess } from '../../harness/startProcess.ts';

/** In a process of its own: the bundler does not run within the test runner. */
const BUILD = `await (await import('${new URL('../../../registry/web/build.ts', import.meta.url).href}')).buildPage()`;
const PATIENCE_MS = 30_000;
const DIST = fileURLToPath(new URL('../../../registry/web/dist/assets', import.meta.url));

let store: RegistryStore;
let server: StartedProcess;
let browser: Browser;
let page: Page;
const asked: string[] = [];
const complaints: string[] = [];

const textOf = (selector: string): Promise<string> => page.locator(selector).innerText();
const waitFor = (selector: string, text: string): Promise<boolean> =>
  waitUntil(async () => {
    const shown = await page.locator(selector).allInnerTexts();
    return shown.join('\n').includes(text);
  }, PATIENCE_MS);
const go = async (hash: string): Promise<void> => {
  await page.goto(`${server.ready}${hash}`);
};

beforeAll(async () => {
  const built = await runProcess(['--input-type=module', '-e', BUILD]);
  expect([built.code, built.output]).toEqual([0, '']);
  store = await fillRegistryStore();
  const usage = store.usageFiles.flatMap((file) => ['--usage', file]);
  server = await startProcess(['registry/main.ts', 'serve', '--store', store.place, ...usage, '--port', '0']);
  browser = await openBrowser();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}, 180_000);
afterAll(async () => {
  await browser.close();
  expect(await server.stop('SIGINT')).toBe(0);
  await store.stop();
});

describe('the page', () => {
  it('tells the history in words: who, when, why, what changed, and what was put back', async () => {
    await go('#/history');
    await waitFor('main', 'The first release');
    const releases = await page.locator('.history article').allInnerTexts();
    expect(releases).toHaveLength(4);
    expect(releases[0]).toMatch(/Rollback[^]*too slow[^]*Tom Reyes[^]*release 2 were put back/);
    expect(releases[2]).toMatch(/Release 2[^]*Let customers say[^]*Tom Reyes[^]*91be77a0[^]*1 change, nothing breaks/);
    expect(releases[2]).toMatch(/safe[^]*greeting/i);
    expect(await page.locator('.history time').first().getAttribute('datetime')).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('shows markup in messages and names as the text that it is', async () => {
    await go('#/history');
    await waitFor('main', '<script>alert(1)</script>');
    expect(await page.locator('main b, main script').count()).toBe(0);
  });

  it('finds a field by keyboard alone, and says all that is known of it', async () => {
    await go('#/history');
    await waitFor('main', 'Release 4');
    await page.keyboard.press('/');
    await waitUntil(() => page.evaluate<boolean>("document.activeElement.id === 'search'"), PATIENCE_MS);
    await page.keyboard.type('email');
    await waitFor('.search [role=status]', 'found');
    await waitUntil(
      async () =>
        (await page.locator('[role=option]').allInnerTexts()).join().includes('Customer.\nemail') ||
        (await page.locator('[role=option]').allInnerTexts()).join().includes('Customer.email'),
    );
    for (let pressed = 0; pressed < 20; pressed += 1) {
      await page.keyboard.press('ArrowDown');
      const active = await page.locator('#search').getAttribute('aria-activedescendant');
      const option = page.locator(`[id="${String(active)}"]`);
      expect(await option.getAttribute('aria-selected')).toBe('true');
      if ((await option.getAttribute('href')) === '#/schema/Customer.email') break;
    }
    await page.keyboard.press('Enter');
    await waitFor('h1', 'email');
    expect(page.url()).toContain('#/schema/Customer.email');
    const shown = await textOf('.element');
    for (const each of [
      'customers resolves it',
      'customers:read',
      'customers:read:pii',
      'pii',
      'partner hides it',
      '0 points',
    ])
      expect(shown.replaceAll('\n', ' ')).toContain(each);
    // Reading goes on at what was opened.
    expect(await page.evaluate<string>('document.activeElement.tagName')).toBe('H1');
  });

  it('shows who used a field when, as a chart, as a sentence and as a table', async () => {
    await go('#/schema/Customer.email');
    await waitFor('.element', 'Asked for');
    const sentence = (await page.locator('svg[role=img]').getAttribute('aria-label')) ?? '';
    expect(sentence).toMatch(/Asked for [\d,]+ times by 3 callers from 2026-10-01 to 2026-10-30; most on 2026-10-\d\d/);
    expect(await page.locator('.chart rect').count()).toBe(30);
    await page.locator('.as-table summary').click();
    expect(await page.locator('.as-table tbody tr').count()).toBe(30);
    const callers = await textOf('[aria-label=Callers]');
    for (const each of ['loyalty-app', '4.1.3', 'billing', 'SendInvoice']) expect(callers).toContain(each);
  });

  it('shows a field’s arguments, its cost and what its type is', async () => {
    await go('#/schema/Query.orders');
    await waitFor('.element', 'Arguments');
    const shown = (await textOf('.element')).replaceAll('\n', ' ');
    expect(shown).toMatch(/first Int = 20 723 requests/);
    expect(shown).toContain('1 point');
    await page.locator('.element-head').getByRole('link', { name: 'OrderConnection' }).click();
    await waitFor('h1', 'OrderConnection');
    await go('#/schema/Customer.greeting');
    await waitFor('.element', 'use displayName');
  });

  it('shows a check with its findings by verdict, each with its five parts', async () => {
    await go('#/checks/2');
    await waitFor('.checks', 'Passed');
    const safe = page.locator('.group').filter({ hasText: 'greeting' });
    await safe.locator('.finding summary').click();
    const parts = await safe.locator('dt').allInnerTexts();
    expect(parts).toEqual(expect.arrayContaining(['Expected', 'Why', 'How to mend it', 'Read on', 'Where']));
  });

  it('says what is wrong with a link to what is gone', async () => {
    await go('#/schema/Customer.gone');
    await waitFor('[role=alert]', 'Customer has no gone.');
  });

  it('reaches every part with the tab key, and shows where the focus is', async () => {
    await go('#/checks');
    await page.reload();
    await waitFor('main', 'Release 3');
    const seen: string[] = [];
    for (let pressed = 0; pressed < 12; pressed += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate<{ tag: string; text: string; outline: string }>(
        '({ tag: document.activeElement.tagName, text: document.activeElement.textContent, outline: getComputedStyle(document.activeElement).outlineStyle })',
      );
      // Behind the last one the browser's own parts have the focus.
      if (focus.tag === 'BODY') break;
      expect(focus.outline).toBe('solid');
      seen.push(focus.text);
    }
    for (const each of ['Skip to the content', 'History', 'Schema', 'Checks']) expect(seen).toContain(each);
    for (const landmark of ['header', 'nav', 'main']) expect(await page.locator(landmark).count()).toBeGreaterThan(0);
  });

  it.each(['light', 'dark'] as const)(
    'is read well in %s, wide and narrow',
    async (colorScheme) => {
      for (const width of [1280, 390]) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
        const other = await context.newPage();
        for (const hash of ['#/history', '#/schema', '#/schema/Customer.email', '#/schema/Customer', '#/checks/2']) {
          await other.goto(`${server.ready}${hash}`);
          await other.locator('main h1').first().waitFor();
          expect(await contrastFaults(other)).toEqual([]);
          expect(await other.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
          // A page of one colour compresses to next to nothing.
          expect((await other.screenshot()).length).toBeGreaterThan(10_000);
        }
        const paper = await other.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
        const [red = 0] = (/\d+/.exec(paper) ?? []).map(Number);
        expect(red > 128).toBe(colorScheme === 'light');
        await context.close();
      }
    },
    120_000,
  );

  it('asks nobody but its own server, and nothing goes wrong in it', async () => {
    const { origin } = new URL(server.ready);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([]);
    // The one that was asked for what is gone.
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    expect((await readdir(DIST)).length).toBeGreaterThan(1);
  });

  it('answers no other name than this machine’s, no other site, and nothing but reading', async () => {
    const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, server.ready), init);
    expect((await ask('api/overview')).status).toBe(200);
    expect((await ask('api/overview', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await ask('api/overview', { method: 'POST' })).status).toBe(405);
    expect((await ask('api/search?q=a&offset=-1')).status).toBe(400);
    expect((await ask('%2e%2e/build.ts')).status).toBe(404);
    expect((await ask('assets/..%2f.sources')).status).toBe(404);
    const policy = (await ask('')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});
