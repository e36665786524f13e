// Bundles the page at / into gateway/ide/dist: one folder, no address outside, workers included. The golden queries
// are put into the page as text, so that its source imports nothing from outside the gateway.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const TABS = ['customer360', 'campaignAttribution', 'behaviourSegment', 'orderList'];

const here = fileURLToPath(new URL('.', import.meta.url));
const queries = new URL('../../examples/queries/', import.meta.url);

const tabs = TABS.map((name) => {
  const variables = new URL(`${name}.variables.json`, queries);
  return {
    query: readFileSync(new URL(`${name}.graphql`, queries), 'utf8'),
    ...(existsSync(variables) && { variables: readFileSync(variables, 'utf8') }),
  };
});

export default defineConfig({
  root: here,
  base: '/ide/',
  logLevel: 'error',
  define: { GOLDEN_TABS: JSON.stringify(tabs) },
  build: { outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 10_000, reportCompressedSize: false },
  worker: { format: 'es' },
});
