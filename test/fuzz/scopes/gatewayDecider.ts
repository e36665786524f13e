// The whole gateway as what is checked: a real process with keys, over subgraphs that answer any query of their schema
// and remember what they were asked. Each operation is sent with two keys of the same rights: one whose operations are
// refused whole, which tells what is denied, and one whose denied fields are null. Beside what is told, no request to a
// subgraph may name a field that the caller may not see; let pass is what only joins entities: `id`, the key of all of
// them, and `__typename`.
import { Kind, OperationTypeNode, parse, print, visit } from 'graphql';
import { TOLD_MAX } from '../../../gateway/authorize/authorize.ts';
import { fieldsAskedIn } from '../../harness/fieldsAsked.ts';
import { startKeyedGateway, type KeyedGateway } from '../../harness/keyedGateway.ts';
import type { AnsweredError, ClientAnswer } from '../../harness/testGateway.ts';
import { LINK, type ComposedSchema } from '../../oracle/federatedSchema.ts';
import { readSubgraph, type SubgraphFacts } from '../../oracle/readSubgraph.ts';
import { serveSubgraphs, type ServedSubgraphs } from '../../oracle/serveSubgraphs.ts';
import type { SentOperation } from '../../oracle/startOracleGraph.ts';
import { CALM, World } from '../../oracle/world.ts';
import { judgeByText, mayFetchByText, type Asker } from './bruteForce.ts';
import { POLICY_NAMES } from './generateScopedSchema.ts';
import type { ScopeDecider, Told } from './scopeDecider.ts';

const PLUMBING = new Set(['id', '__typename', '_entities', '_service']);
/** What is asked of an operation before anybody's rights. */
const SIZE_CODES = new Set(['OPERATION_TOO_LARGE', 'OPERATION_TOO_COMPLEX']);

/** The generator's scopes have no verb, which those of keys must have. */
const scopeOf = (name: string): string => `${name}:read`;
const policyScope = (name: string): string => `policy:${name}`;
const POLICIES = `export default { ${POLICY_NAMES.map(
  (name) => `${name}: ({ scopes }) => scopes.has('${policyScope(name)}')`,
).join(', ')} };\n`;

const JOINING = new Set(['key', 'shareable', 'requires', 'external', 'interfaceObject']);

/** A subgraph as it is served: what guards it is the gateway's, under names that a subgraph's library does not know. */
function readServed(schema: ComposedSchema): SubgraphFacts[] {
  return Object.entries(schema.subgraphs).map(([name, sdl]) => {
    const plain = visit(parse(sdl), {
      SchemaExtension: () => null,
      Directive: (node) => (JOINING.has(node.name.value) ? undefined : null),
    });
    return readSubgraph(name, `${LINK}${print(plain)}`);
  });
}

function pathsOf(errors: readonly AnsweredError[]): string[] {
  const denied = errors.filter(({ extensions }) => extensions.code === 'SCOPE_MISSING');
  return denied.map(({ path = [] }) => `/${path.filter((part) => typeof part === 'string').join('/')}`);
}

/** Everything that stands at a path of names, in whichever lists. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  const [name, ...rest] = path;
  if (name === undefined || value === null || typeof value !== 'object') return [value];
  return valuesAt((value as Readonly<Record<string, unknown>>)[name], rest);
}

/** What is wrong with the answer that has nulls in the places of denied fields. */
function faultsOfNulls(answer: ClientAnswer, denied: readonly string[], free: ReadonlySet<string>): string[] {
  const known = new Set(denied);
  const shown = denied.filter(
    (path) =>
      !free.has(path) &&
      valuesAt(answer.data, path.split('/').slice(1)).some((value) => value !== null && value !== undefined),
  );
  return [
    ...(answer.status === 200 ? [] : [`filtered is answered ${answer.status} ${answer.codes.join()}`]),
    ...shown.map((path) => `shown when filtered: ${path}`),
    ...pathsOf(answer.errors)
      .filter((path) => !known.has(path))
      .map((path) => `wrongly denied when filtered: ${path}`),
  ];
}

class GatewayDecider implements ScopeDecider {
  private readonly schema: ComposedSchema;
  private readonly served: ServedSubgraphs;
  private readonly gateway: KeyedGateway;
  private readonly subgraphs: ReadonlyMap<string, SubgraphFacts>;

  constructor(schema: ComposedSchema, served: ServedSubgraphs, gateway: KeyedGateway) {
    this.schema = schema;
    this.served = served;
    this.gateway = gateway;
    this.subgraphs = new Map(readServed(schema).map((subgraph) => [subgraph.name, subgraph]));
  }

  async ask(operation: SentOperation, asker: Asker): Promise<Told | undefined> {
    const { served, gateway } = this;
    const wanted = [...asker.scopes].map(scopeOf).filter((scope) => gateway.scopes.includes(scope));
    const scopes = ['fuzz:read', ...wanted, ...[...asker.policies].map(policyScope)];
    const send = async (denial: 'refuse' | 'filter') => {
      served.asked.length = 0;
      const answer = await gateway.ask(
        await gateway.keys.create({ scopes, denial }),
        operation.text,
        operation.variables,
      );
      return { answer, fetched: this.wronglyFetched(asker), fetches: served.asked.length };
    };
    const { answer, fetched, fetches } = await send('refuse');
    if (answer.codes.some((code) => SIZE_CODES.has(code))) return undefined;
    const told = answer.status === 403 ? pathsOf(answer.errors) : [];
    const isCut = told.length >= TOLD_MAX;
    const denied = this.withInner(told, operation, asker);
    const faults = [
      ...fetched,
      ...(answer.status === 403 && fetches > 0 ? ['refused, but fetched'] : []),
      ...(answer.status === 200 || answer.status === 403 ? [] : [`answered ${answer.status} ${answer.text}`]),
    ];
    if (denied.length === 0 || this.isMutation(operation)) return { denied, isCut, filtered: undefined, faults };
    const left = await send('filter');
    // At a path that is denied on one type and free on another, a value may be one of the other's.
    const free = this.freePaths(operation, asker);
    const nulls = faultsOfNulls(left.answer, denied, free);
    return { denied, isCut, filtered: undefined, faults: [...faults, ...left.fetched, ...nulls] };
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.served.stop();
  }

  /** What is told stands for all that is denied in it: a refusal names the outermost field alone. */
  private withInner(told: readonly string[], { document }: SentOperation, asker: Asker): string[] {
    const judged = judgeByText(this.schema.subgraphs, document, asker);
    const inner = judged.filter(({ path, may }) => !may && told.some((outer) => path.startsWith(`${outer}/`)));
    return [...told, ...inner.map(({ path }) => path)];
  }

  /** The paths that the caller may see on some type. */
  private freePaths({ document }: SentOperation, asker: Asker): ReadonlySet<string> {
    const judged = judgeByText(this.schema.subgraphs, document, asker);
    return new Set(judged.filter(({ may }) => may).map(({ path }) => path));
  }

  private isMutation({ document }: SentOperation): boolean {
    return document.definitions.some(
      (node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.MUTATION,
    );
  }

  private wronglyFetched(asker: Asker): string[] {
    const may = mayFetchByText(this.schema.subgraphs, asker);
    return this.served.asked.flatMap(({ subgraph, query }) => {
      const read = this.subgraphs.get(subgraph);
      if (read === undefined) return [`an unknown subgraph was asked: ${subgraph}`];
      return fieldsAskedIn(read.schema, query).flatMap((coordinate) => {
        const [type = '', field = ''] = coordinate.split('.');
        return PLUMBING.has(field) || may(type, field) ? [] : [`fetched from ${subgraph}: ${coordinate} by ${query}`];
      });
    });
  }
}

/** Takes a composed schema; gives a gateway over it, with its subgraphs. */
export async function openGatewayDecider(schema: ComposedSchema): Promise<ScopeDecider> {
  const subgraphs = readServed(schema);
  const world = new World(subgraphs, schema.api);
  world.begin(CALM);
  const served = await serveSubgraphs(subgraphs, world);
  const gateway = await startKeyedGateway({
    supergraph: schema.supergraph.replace(/"(s\d)"/g, (_, name: string) => `"${scopeOf(name)}"`),
    addresses: served.addresses,
    policies: POLICIES,
    moreScopes: ['fuzz:read', ...POLICY_NAMES.map(policyScope)],
  });
  return new GatewayDecider(schema, served, gateway);
}
