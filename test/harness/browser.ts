// The system's Chromium for tests of pages: none is brought by an npm install.
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { inheritedEnvironment } from '../../platform/config.ts';

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

/** Opens a browser that asks nobody on its own account. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
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
}
