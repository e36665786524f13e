// What `npm start` writes to the terminal: a line a part, then what to do next.

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows that a part is up: its name, where it is, the milliseconds it took. */
export function showDone(name: string, what: string, tookMs: number): void {
  write(`  ✓ ${name.padEnd(12)} ${what}${tookMs >= 1 ? `  (${(tookMs / 1000).toFixed(1)} s)` : ''}`);
}

/** Shows something to know that is no fault of the run. */
export function showNote(sentence: string): void {
  write(`  · ${sentence}`);
}

/** Shows why it does not go on, in one line for each fault. */
export function showFault(sentence: string): void {
  process.stderr.write(`  ✗ ${sentence}\n`);
}

/** Shows where the graph is and a request to paste, both with a key: in the page's fragment no server is told of it. */
export function showWelcome(url: string, key: string, body: string): void {
  const page = new URL(`/#key=${key}`, url).href;
  write(`
The customer graph is ready.

  GraphQL    ${url}
  GraphiQL   ${page}
  Ctrl-C     stops everything

A Customer 360, from three subgraphs in one request:

curl -s ${url} -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'
`);
}
