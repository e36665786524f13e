// Bundles the registry's page into registry/web/dist: one folder, no address outside, relative paths, so that it can be
// served at / by `crm-graph registry serve` and at /registry/ by the gateway's admin port.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'error',
  // The same bundle whoever builds it: tests have another NODE_ENV.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  oxc: { jsx: { runtime: 'automatic', development: false } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
