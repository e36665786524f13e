// For containers: exits 0 when the address answers well, 1 when it does not. `node scripts/checkHealth.ts URL`
const TIMEOUT_MS = 3_000;

const [url] = process.argv.slice(2);
if (url === undefined || !URL.canParse(url)) {
  console.error('give the address to ask: node scripts/checkHealth.ts http://127.0.0.1:4000/health/ready');
  process.exit(3);
}
const isWell = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
  (response) => response.ok,
  () => false,
);
process.exitCode = isWell ? 0 : 1;
