// Reads gateway.yaml: what the gateway grants each subgraph. An unknown key stops the start: a typing error in the name
// of a limit would be a limit that does not hold.
import { z } from 'zod';
import { checkYaml, readYamlFile } from '../../platform/yamlFile.ts';
import { HEADERS_MAX, KEPT_HEADERS, SUBGRAPH_NUMBERS, type GatewayYaml, type YamlNumber } from './subgraphSettings.ts';

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

function bounded({ min, max }: YamlNumber) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message).optional();
}

const headerName = z
  .string('must be the name of a header')
  .transform((name) => name.toLowerCase())
  .superRefine((name, context) => {
    if (!HEADER_NAME.test(name)) context.addIssue(`${name} cannot be the name of a header`);
    const kept = KEPT_HEADERS.find(({ names }) => names.includes(name));
    if (kept !== undefined) context.addIssue(`${name} is never passed on: ${kept.why}`);
  });

const retries = z.literal([0, 1], 'must be 0 or 1').optional();

const givenSettings = z.strictObject(
  {
    fetchTimeoutMs: bounded(SUBGRAPH_NUMBERS.fetchTimeoutMs),
    socketsMax: bounded(SUBGRAPH_NUMBERS.socketsMax),
    fetchesWaitingMax: bounded(SUBGRAPH_NUMBERS.fetchesWaitingMax),
    answerBytesMax: bounded(SUBGRAPH_NUMBERS.answerBytesMax),
    retries,
    headers: z
      .array(headerName, 'must be a list of header names')
      .max(HEADERS_MAX, `has more than ${HEADERS_MAX} names`)
      .optional(),
    breaker: z
      .strictObject(
        {
          failuresMax: bounded(SUBGRAPH_NUMBERS['breaker.failuresMax']),
          probeEveryMs: bounded(SUBGRAPH_NUMBERS['breaker.probeEveryMs']),
        },
        { error: describeShape },
      )
      .optional(),
  },
  { error: describeShape },
);

const gatewayYaml = z.strictObject(
  {
    all: givenSettings.default({}),
    subgraphs: z.record(z.string(), givenSettings, 'must be a map from subgraph to settings').default({}),
  },
  { error: describeShape },
);

function describeShape(issue: { readonly code?: string }): string | undefined {
  return issue.code === 'invalid_type' ? 'must be a map of settings' : undefined;
}

/** Takes the file's text; gives its settings, or one sentence for each fault. */
export function checkGatewayYaml(text: string): GatewayYaml | { readonly faults: readonly string[] } {
  const checked = checkYaml(text, gatewayYaml, 'is not a setting');
  return 'faults' in checked ? checked : (checked.value as GatewayYaml);
}

/** Takes a path; gives the file's settings. Throws StartError with every fault of it. */
export function readGatewayYaml(path: string): GatewayYaml {
  return readYamlFile(
    path,
    (text) => checkYaml(text, gatewayYaml, 'is not a setting'),
    'docs/gateway-yaml.md',
  ) as GatewayYaml;
}
