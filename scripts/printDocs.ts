// Prints docs/{errors,limits,settings,gateway-yaml,metrics,checks,events}.md and docs/asyncapi.yaml from the tables that the code itself uses. `--check`
// changes nothing and exits 1 where a page is not what the tables say.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ERROR_CODES, type ErrorCode } from '../contracts/errorCodes.ts';
import { LIMITS, type Limit } from '../gateway/admit/limits.ts';
import { HEADERS_MAX, KEPT_HEADERS, SUBGRAPH_NUMBERS, type YamlNumber } from '../gateway/config/subgraphSettings.ts';
import { METRICS } from '../gateway/observe/metricTable.ts';
import type { Metric, MetricSources } from '../platform/metrics.ts';
import { SETTINGS, type Setting } from '../platform/settings.ts';
import { ConsumerCounts } from '../sync/consume/consumerCounts.ts';
import { RELAY_METRICS } from '../sync/outbox/relayMetrics.ts';
import { SYNC_METRICS } from '../sync/syncMetrics.ts';
import { printChecks } from './checksPage.ts';
import { printAsyncApi, printEvents } from './eventsPage.ts';

const DOCS = new URL('../docs/', import.meta.url);
const NOTE = '<!-- Printed by `node scripts/printDocs.ts`: change the table in the code, not this page. -->';

/** Takes the head and the rows of a table; gives it in Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function printErrors(): string {
  const rows = (Object.entries(ERROR_CODES) as [string, ErrorCode][]).map(([name, code]) => [
    `<a id="${name.toLowerCase()}"></a>\`${name}\``,
    String(code.status),
    code.retry ? 'yes' : 'no',
    code.meaning,
  ]);
  return `# Errors

${NOTE}

Every error carries one of these codes in \`extensions.code\`; nothing else is ever sent. The status is that of the whole
response when the request is refused with the code; where it is 200, the code stands on a part of an answer, whose other
parts are there. "Retry" says whether the same request can succeed later.

${table(['code', 'HTTP status', 'retry', 'meaning'], rows)}

Each response has the header \`x-request-id\`: the log line of the request carries the same id.
`;
}

function printLimits(): string {
  const rows = (Object.entries(LIMITS) as [string, Limit][]).map(([name, limit]) => [
    `\`${name}\``,
    limit.value.toLocaleString('en-US'),
    limit.unit,
    limit.answer,
    limit.why,
  ]);
  return `# Limits

${NOTE}

What a request to the gateway may cost. They hold for every caller. Page size is limited by the subgraphs: \`first\` is
from 1 to 100, else \`PAGE_TOO_LARGE\`; all lists of one fetch have at most 20,000 elements,
else \`ANSWER_TOO_LARGE\`. Times of requests and fetches are settings, see settings.md.

${table(['limit', 'value', 'unit', 'over it', 'why this number'], rows)}
`;
}

function describeDefault(setting: Setting): string {
  if (setting.default === undefined) return 'none';
  return `\`${String(setting.default)}\``;
}

function printSettings(): string {
  const rows = (Object.entries(SETTINGS) as [string, Setting][]).map(([name, setting]) => {
    const bounds = [setting.min, setting.max].map((bound) => (bound === undefined ? '' : String(bound))).join(' to ');
    return [
      `\`${name}\``,
      setting.kind,
      describeDefault(setting),
      bounds === ' to ' ? '' : bounds.trim(),
      `${setting.purpose}${setting.secret ? ` (also as a file: \`${name}_FILE\`)` : ''}`,
    ];
  });
  return `# Settings

${NOTE}

Environment variables. All faults are reported at once before anything starts; a variable that begins with \`CRM_\` and
is not here stops the start. Bounds are those of the number, or of the text's length.

${table(['variable', 'kind', 'default', 'bounds', 'purpose'], rows)}
`;
}

function printGatewayYaml(): string {
  const rows = (Object.entries(SUBGRAPH_NUMBERS) as [string, YamlNumber][]).map(([name, number]) => [
    `\`${name}\``,
    number.default.toLocaleString('en-US'),
    `${number.min.toLocaleString('en-US')} to ${number.max.toLocaleString('en-US')}`,
    number.unit,
    number.purpose,
  ]);
  const kept = KEPT_HEADERS.map(({ names, why }) => [names.map((name) => `\`${name}\``).join(', '), why]);
  return `# gateway.yaml

${NOTE}

How the gateway treats each subgraph. The file is read at the start: \`--config FILE\`, or \`gateway.yaml\` in the folder
that the gateway is started in, if there is one. An unknown key, a value out of its bounds or a subgraph that the
supergraph has not stops the start; all faults are reported at once, each with its line.

\`\`\`yaml
all: # every subgraph
  fetchTimeoutMs: 3000
  headers: [accept-language]
subgraphs: # one of them, in place of what is said for all
  orders:
    fetchTimeoutMs: 1000
    breaker: { failuresMax: 3 }
\`\`\`

${table(['key', 'default', 'bounds', 'unit', 'purpose'], rows)}

\`headers\` is a list of at most ${HEADERS_MAX} names of headers that the gateway passes on from the client; none by default. Equal
queries of callers share a fetch only when these headers are equal too. Some are never passed on:

${table(['headers', 'why'], kept)}
`;
}

function metricTable(metrics: Readonly<Record<string, Metric>>): string {
  const rows = Object.entries(metrics).map(([name, metric]) => [
    `\`${name}\``,
    metric.kind,
    metric.labels.map((label) => `\`${label}\``).join(', '),
    metric.help,
  ]);
  return table(['metric', 'kind', 'labels', 'meaning'], rows);
}

function metricsOf(sources: MetricSources): Record<string, Metric> {
  return Object.fromEntries(Object.entries(sources).map(([name, { metric }]) => [name, metric]));
}

function printMetrics(): string {
  return `# Metrics

${NOTE}

With \`CRM_METRICS_PORT\` set the gateway serves these in Prometheus' text format at \`http://127.0.0.1:<port>/metrics\`,
together with what Node tells of its process (memory, CPU, garbage collection, event loop). The port listens on loopback
alone. With several workers their numbers are added; ages, delays and breakers show the highest.

${metricTable(METRICS)}

What to watch: \`rate(crm_gateway_requests_total{outcome!="ok"}[5m])\`, the 99th percentile of
\`crm_gateway_request_duration_seconds\`, \`crm_gateway_refusals_total{code="OVERLOADED"}\`, \`crm_gateway_faults_total\`
(anything above zero is a bug), \`crm_gateway_breaker_state\` above 0, and \`crm_gateway_supergraphs_total{result="refused"}\`.

## Events

\`CRM_CUSTOMERS_METRICS_PORT\`, \`CRM_ORDERS_METRICS_PORT\` and \`CRM_MARKETING_METRICS_PORT\` let the subgraphs serve these,
each on its own port of loopback, when \`CRM_BROKER_URL\` is set:

${metricTable(RELAY_METRICS)}

${metricTable(metricsOf(new ConsumerCounts().sources()))}

What to watch: \`crm_relay_oldest_unsent_seconds\` above a few seconds, \`crm_relay_backlog_rows\` long before 100,000, and
\`sum by (subgraph) (crm_relay_holds_lease)\` below 1. The process of schedules serves its own:

${metricTable(SYNC_METRICS)}
`;
}

const PAGES = {
  'errors.md': printErrors(),
  'limits.md': printLimits(),
  'settings.md': printSettings(),
  'gateway-yaml.md': printGatewayYaml(),
  'metrics.md': printMetrics(),
  'checks.md': printChecks(NOTE),
  'events.md': printEvents(NOTE),
  'asyncapi.yaml': printAsyncApi(),
};

if (process.argv.includes('--check')) {
  for (const [name, text] of Object.entries(PAGES)) {
    if (readFileSync(new URL(name, DOCS), 'utf8') === text) continue;
    console.error(`docs/${name} is not what the tables say; run: node scripts/printDocs.ts`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(DOCS, { recursive: true });
  for (const [name, text] of Object.entries(PAGES)) writeFileSync(new URL(name, DOCS), text);
}
