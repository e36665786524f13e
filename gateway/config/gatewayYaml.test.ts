import fc from 'fast-check';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkGatewayYaml, readGatewayYaml } from './readGatewayYaml.ts';
import { KEPT_HEADERS, openSubgraphSettings, SUBGRAPH_NUMBERS, type GatewayYaml } from './subgraphSettings.ts';

const OWN_FILE = new URL('../../gateway.yaml', import.meta.url);
const EMPTY: GatewayYaml = { all: {}, subgraphs: {} };

function taken(text: string): GatewayYaml {
  const checked = checkGatewayYaml(text);
  if ('faults' in checked) throw new Error(checked.faults.join('\n'));
  return checked;
}

function faultsOf(text: string): readonly string[] {
  const checked = checkGatewayYaml(text);
  return 'faults' in checked ? checked.faults : [];
}

describe('gateway.yaml', () => {
  it('gives a subgraph its own settings, then those of all, then the defaults', () => {
    const yaml = taken(`
all: { fetchTimeoutMs: 3000, headers: [Accept-Language], breaker: { failuresMax: 2 } }
subgraphs:
  orders: { fetchTimeoutMs: 900, breaker: { probeEveryMs: 200 }, headers: [authorization] }
`);
    const { settingsOf, named, headers } = openSubgraphSettings(yaml, 1_234);
    expect(settingsOf('orders')).toMatchObject({
      fetchTimeoutMs: 900,
      socketsMax: 64,
      headers: ['authorization'],
      breaker: { failuresMax: 2, probeEveryMs: 200 },
    });
    expect(settingsOf('any')).toMatchObject({ fetchTimeoutMs: 3000, headers: ['accept-language'], retries: 1 });
    expect(openSubgraphSettings(EMPTY, 1_234).settingsOf('any').fetchTimeoutMs).toBe(1_234);
    expect([named, [...headers].sort()]).toEqual([['orders'], ['accept-language', 'authorization']]);
  });

  it.each(['', '# nothing\n', 'all:\n  fetchTimeoutMs: 50\n', 'all: {}\nsubgraphs: {}'])('may be %j', (text) => {
    expect(taken(text)).toHaveProperty('all');
  });

  it('names the line and the key of every fault, all at once', () => {
    const text = `all:
  fetchTimeoutMs: 10
  fetchTimeout: 10
  retries: 2
  headers: [Host, "a b"]
subgraphs:
  orders:
    breaker:
      failureMax: 1
      probeEveryMs: soon
  customers: 5
sub: 1
`;
    expect(faultsOf(text)).toEqual([
      'line 2: all.fetchTimeoutMs must be a whole number from 50 to 60000',
      'line 3: all.fetchTimeout is not a setting',
      'line 4: all.retries must be 0 or 1',
      "line 5: all.headers.0 host is never passed on: it is about the client's own message; the gateway writes a new one",
      'line 5: all.headers.1 a b cannot be the name of a header',
      'line 9: subgraphs.orders.breaker.failureMax is not a setting',
      'line 10: subgraphs.orders.breaker.probeEveryMs must be a whole number from 100 to 60000',
      'line 11: subgraphs.customers must be a map of settings',
      'line 12: sub is not a setting',
    ]);
  });

  it.each([
    ['a text', 'hello', /^line 1: the file must be a map of settings$/],
    ['no YAML', 'all:\n  "a', /^line 2: /],
    ['a key twice', 'all: {}\nall: {}\n', /^line 2: Map keys must be unique$/],
    [
      'more headers than may be',
      `all:\n  headers: [${'a,'.repeat(21)}]`,
      /^line 2: all.headers has more than 20 names$/,
    ],
    ['a file that is too long', `# ${'x'.repeat(300_000)}`, /^line 1: the file has more/],
  ])('is refused where it is %s', (_, text, said) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(said) as string]);
  });

  it.each(Object.entries(SUBGRAPH_NUMBERS))('takes %s at its bounds and refuses it past them', (key, { min, max }) => {
    const text = (value: number): string => {
      const [outer, inner] = key.split('.');
      return JSON.stringify({ all: inner === undefined ? { [key]: value } : { [String(outer)]: { [inner]: value } } });
    };
    expect([min, max].flatMap((value) => faultsOf(text(value)))).toEqual([]);
    expect([min - 1, max + 1, min + 0.5].map((value) => faultsOf(text(value)).length)).toEqual([1, 1, 1]);
  });

  it.each(KEPT_HEADERS.flatMap(({ names }) => [...names]))('does not let %s be passed on', (name) => {
    expect(faultsOf(`all: { headers: [${name.toUpperCase()}] }`)).toHaveLength(1);
  });

  it.each([['*nowhere'], ['all: *nowhere'], [`all: &a {}\nsubgraphs: { xxx: [${'*a,'.repeat(30)}] }`]])(
    'tells an alias that cannot be resolved as a fault: %j',
    (text) => {
      expect(faultsOf(text).length).toBeGreaterThan(0);
    },
  );

  it('gives settings or faults for every text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string({ unit: fc.constantFrom('a', ':', '{', '}', '[', ']', '-', '&', '*', '!', '|', '>', '\n', ' ') }),
        ),
        (text) => {
          const checked = checkGatewayYaml(text);
          expect('faults' in checked ? checked.faults.length > 0 : 'all' in checked).toBe(true);
        },
      ),
    );
  });

  it('is told with its path where it cannot be read or is faulty', () => {
    expect(() => readGatewayYaml('nowhere.yaml')).toThrow(/^nowhere\.yaml cannot be read/);
    const path = join(mkdtempSync(join(tmpdir(), 'crm-yaml-')), 'gateway.yaml');
    writeFileSync(path, 'al: {}');
    expect(() => readGatewayYaml(path)).toThrow(`${path}, line 1: al is not a setting\nwhat may stand`);
  });
});

describe("the repository's own gateway.yaml", () => {
  it('changes nothing', () => {
    expect(taken(readFileSync(OWN_FILE, 'utf8'))).toEqual(EMPTY);
  });

  it('shows the defaults in its comments, and they are right', () => {
    const text = readFileSync(OWN_FILE, 'utf8')
      .replaceAll(/^(all|subgraphs): \{\}$/gm, '$1:')
      .replaceAll(/^#(?= {2})/gm, '');
    const yaml = taken(text);
    const shown = openSubgraphSettings({ ...yaml, subgraphs: {} }, 1).settingsOf('any');
    expect(shown).toEqual(openSubgraphSettings(EMPTY, SUBGRAPH_NUMBERS.fetchTimeoutMs.default).settingsOf('any'));
    expect(Object.keys(yaml.subgraphs)).toEqual(['orders']);
  });
});
