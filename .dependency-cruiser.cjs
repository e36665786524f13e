// Who may import whom (ARCHITECTURE.md), and which file is the one seam of each outside library.
const seam = (name, library, files) => ({
  name,
  severity: 'error',
  comment: `${library} is imported in its seam alone, so that it can be replaced there`,
  from: { pathNot: [...files, '\\.test\\.ts$', '^test/', '^bench/'] },
  to: { path: `node_modules/(@types/)?${library}/` },
});
const layer = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(bench|cli|contracts|embedded-mongo|examples|gateway|platform|registry|scripts|seed|store|subgraphs|supergraph|test|usage)/',
    pathNot: allowed,
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.(cjs|js)$', '\\.config\\.ts$', '^scripts/', '^gateway/ide/', '\\.test\\.ts$', '^node_modules/'],
      },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    layer('contracts-alone', 'contracts', ['^contracts/']),
    layer('platform', 'platform', ['^platform/', '^contracts/']),
    layer('supergraph', 'supergraph', ['^supergraph/', '^platform/', '^contracts/']),
    layer('store', 'store', ['^store/', '^platform/', '^contracts/']),
    layer('usage', 'usage', ['^usage/', '^platform/', '^contracts/']),
    layer('gateway', 'gateway', ['^gateway/', '^store/', '^supergraph/', '^usage/', '^platform/', '^contracts/']),
    layer('registry', 'registry', ['^registry/', '^store/', '^supergraph/', '^usage/', '^platform/', '^contracts/']),
    layer('embedded-mongo', 'embedded-mongo', ['^embedded-mongo/', '^platform/', '^contracts/']),
    layer('kit', 'subgraphs/kit', ['^subgraphs/kit/', '^platform/', '^contracts/']),
    ...['customers', 'orders', 'marketing'].map((name) =>
      layer(name, `subgraphs/${name}`, [`^subgraphs/${name}/`, '^subgraphs/kit/', '^platform/', '^contracts/']),
    ),
    {
      name: 'step-alone',
      severity: 'error',
      comment:
        'a step of a request knows no other step: their order stands in gateway/server.ts and answerOperation.ts alone',
      from: { path: '^gateway/(receive|identify|admit|authorize|plan|fetch|respond)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^gateway/(receive|identify|admit|authorize|plan|fetch|respond)/',
        // What a key looks like has to be known wherever texts come in.
        pathNot: ['^gateway/$1/', '^gateway/identify/holdsKey\\.ts$'],
      },
    },
    {
      name: 'step-inward',
      severity: 'error',
      comment: 'a step knows the words that the steps share, what it tells to, and its settings; nothing above it',
      from: { path: '^gateway/(receive|identify|admit|authorize|plan|fetch|respond)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^gateway/',
        pathNot: [
          '^gateway/$1/',
          '^gateway/identify/holdsKey\\.ts$',
          '^gateway/(requestState|compiledOperation|caller)\\.ts$',
          '^gateway/observe/observer\\.ts$',
          '^gateway/config/subgraphSettings\\.ts$',
        ],
      },
    },
    {
      name: 'access-above-steps',
      severity: 'error',
      comment: 'who opens and manages access stands above the steps; what gateways share is behind ports of the steps',
      from: { path: '^gateway/(receive|identify|admit|authorize|plan|fetch|respond)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(gateway/(shared|access|admin|usage)|usage)/' },
    },
    {
      name: 'cli-enters-by-doors',
      severity: 'error',
      comment: 'the command line takes what makes and shows keys, and the entries of the other parts, nothing within',
      from: { path: '^(cli)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(bench|embedded-mongo|examples|gateway|registry|scripts|seed|subgraphs|test|usage)/',
        pathNot: [
          '^gateway/caller\\.ts$',
          '^gateway/ide/build\\.ts$',
          '^gateway/plan/explain\\.ts$',
          '^gateway/identify/(apiKey|audit|developmentKey|key[A-Z][A-Za-z]*|knownScopes|openKeys|peppers|revocations|shownKey|mongoKeys)\\.ts$',
          '^gateway/shared/openRedis\\.ts$',
          '^registry/(compose|watch)\\.ts$',
          '^usage/mongoUsage\\.ts$',
        ],
      },
    },
    {
      name: 'observe-and-config-know-no-step',
      severity: 'error',
      comment: 'they know the table of limits, which is where defaults come from, and nothing else of a step',
      from: { path: '^gateway/(observe|config)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^gateway/',
        pathNot: ['^gateway/$1/', '^gateway/requestState\\.ts$', '^gateway/admit/limits\\.ts$'],
      },
    },
    {
      name: 'seam-planner-types',
      severity: 'error',
      comment: 'beside planner.ts the plan step takes the words of the planner alone: nothing of it runs elsewhere',
      from: { path: '^gateway/plan/', pathNot: ['^gateway/plan/planner\\.ts$', '\\.test\\.ts$'] },
      to: {
        path: 'node_modules/@apollo/(query-planner|query-graphs|federation-internals)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: ['^test/', '^bench/', '^examples/', '\\.test\\.ts$'] },
      to: { path: ['^(test|bench|examples)/', '\\.test\\.ts$'] },
    },
    seam('seam-gateway', '@apollo/gateway', ['^gateway/plan/apolloGateway\\.ts$']),
    seam('seam-planner', '@apollo/(query-planner|query-graphs|federation-internals)', ['^gateway/plan/']),
    seam('seam-composition', '@apollo/composition', ['^registry/compose\\.ts$']),
    seam('seam-subgraph', '@apollo/subgraph', ['^subgraphs/kit/serve/startSubgraph\\.ts$']),
    seam('seam-server', '@apollo/server', ['^subgraphs/kit/serve/startSubgraph\\.ts$']),
    seam('seam-undici', 'undici', ['^gateway/fetch/callSubgraph\\.ts$']),
    seam('seam-negotiator', 'negotiator', ['^gateway/respond/mediaType\\.ts$']),
    seam('seam-prom-client', 'prom-client', ['^platform/promRegistry\\.ts$']),
    seam('seam-opentelemetry', '@opentelemetry/[^/]+', ['^gateway/observe/openTelemetry\\.ts$']),
    seam('seam-pino', 'pino', ['^platform/log\\.ts$']),
    seam('seam-theguild-composition', '@theguild/federation-composition', [
      '^supergraph/composeContract\\.ts$',
      '^registry/secondOpinion\\.ts$',
    ]),
    seam('seam-inspector', '@graphql-inspector/core', ['^registry/diff/', '^registry/secondOpinion\\.ts$']),
    seam('seam-eslint', '(eslint|@graphql-eslint/eslint-plugin)', [
      '^registry/lint/graphqlEslint\\.ts$',
      '^eslint\\.config\\.js$',
    ]),
    seam('seam-jose', 'jose', ['^gateway/identify/jwt\\.ts$']),
    seam('seam-ioredis', 'ioredis', ['^gateway/shared/openRedis\\.ts$']),
    seam('seam-ipaddr', 'ipaddr\\.js', ['^gateway/identify/address/networks\\.ts$']),
    seam('seam-yaml', '(yaml|zod)', [
      '^platform/yamlFile\\.ts$',
      '^gateway/config/readGatewayYaml\\.ts$',
      '^supergraph/readContracts\\.ts$',
      '^registry/readSupergraphFile\\.ts$',
      '^registry/load/usage\\.ts$',
      '^registry/approvals/(read|add)Approvals?\\.ts$',
    ]),
    seam('seam-lru-cache', 'lru-cache', [
      '^gateway/openGraph\\.ts$',
      '^gateway/admit/measureOperation\\.ts$',
      '^gateway/plan/operationStore\\.ts$',
    ]),
    seam('seam-json', 'secure-json-parse', ['^gateway/fetch/parseAnswer\\.ts$', '^gateway/receive/readRequest\\.ts$']),
    seam('seam-dataloader', 'dataloader', ['^subgraphs/kit/read/loader\\.ts$']),
    seam('seam-mingo', 'mingo', ['^embedded-mongo/evaluate\\.ts$']),
    seam('seam-mongoose', 'mongoose', [
      '^subgraphs/',
      '^seed/',
      '^gateway/(identify|usage)/mongo[A-Z][A-Za-z]*\\.ts$',
      '^(registry/stores|store|usage)/mongo[A-Z][A-Za-z]*\\.ts$',
    ]),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['gateway/ide/dist', '^\\.crm', 'coverage'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
