// Federated schemas with auth directives from a seed: entities over two or three subgraphs, interfaces with and without
// keys, @interfaceObject, unions, scalars and enums that take something, chains of @requires whose dependants repeat the
// needs as composition demands, and the directives under every name that a link can give them.
import { composeSchema, type ComposedSchema, type FederatedSchema } from '../../oracle/federatedSchema.ts';
import { drawFrom, type Draw } from '../../oracle/draw.ts';

const TRIES_MAX = 40;
const SCOPES = ['s0', 's1', 's2', 's3', 's4', 's5'];
/** The policies that a generated schema may name. */
export const POLICY_NAMES: readonly string[] = ['p0', 'p1'];
const FEDERATION = 'https://specs.apollo.dev/federation/v2.9';
const USUAL = ['@key', '@shareable', '@requires', '@external', '@interfaceObject'];

/** The names of the three directives, and the link that gives them. */
interface Naming {
  readonly link: string;
  readonly scopes: string;
  readonly signedIn: string;
  readonly policy: string;
}

/** What one element takes, as the generator remembers it for those that depend on it. */
interface Taken {
  signedIn: boolean;
  readonly scopes: string[];
  readonly policies: string[];
}

function linkWith(imports: readonly string[], more = ''): string {
  const usual = USUAL.map((name) => `"${name}"`);
  return `extend schema @link(url: "${FEDERATION}"${more}, import: [${[...usual, ...imports].join(', ')}])`;
}

const NAMINGS: readonly Naming[] = [
  {
    link: linkWith(['"@requiresScopes"', '"@authenticated"', '"@policy"']),
    scopes: 'requiresScopes',
    signedIn: 'authenticated',
    policy: 'policy',
  },
  {
    link: linkWith([
      '{ name: "@requiresScopes", as: "@need" }',
      '{ name: "@authenticated", as: "@policy" }',
      '{ name: "@policy", as: "@ask" }',
    ]),
    scopes: 'need',
    // The name of another one of them.
    signedIn: 'policy',
    policy: 'ask',
  },
  {
    link: linkWith([]),
    scopes: 'federation__requiresScopes',
    signedIn: 'federation__authenticated',
    policy: 'federation__policy',
  },
  {
    link: linkWith(['{ name: "@policy", as: "@requiresScopes" }'], ', as: "fed"'),
    scopes: 'fed__requiresScopes',
    signedIn: 'fed__authenticated',
    policy: 'requiresScopes',
  },
];

/** Writes the subgraphs of one schema. */
class ScopedSchemaWriter {
  private readonly draw: Draw;
  private readonly naming: Naming;
  private readonly subgraphs: readonly string[];
  private readonly entities: readonly string[];
  private readonly media: readonly string[];
  /** The interfaces that each entity implements. */
  private readonly implemented: ReadonlyMap<string, readonly string[]>;
  private readonly texts = new Map<string, string[]>();
  /** By coordinate: one way to meet all that it takes. */
  private readonly taken = new Map<string, Taken>();

  constructor(draw: Draw) {
    this.draw = draw;
    this.naming = draw.pick(NAMINGS);
    this.subgraphs = ['a', 'b', 'c'].slice(0, 2 + draw.below(2));
    this.entities = ['E0', 'E1', 'E2'].slice(0, 2 + draw.below(2));
    this.media = ['M0', 'M1', 'M2'].slice(0, 2 + draw.below(2));
    const choices = [[], ['Named'], ['Named', 'Close']];
    this.implemented = new Map(this.entities.map((name) => [name, draw.pick(choices)]));
    for (const name of this.subgraphs) this.texts.set(name, [this.naming.link]);
  }

  write(): Record<string, string> {
    for (const subgraph of this.subgraphs) this.writeShared(subgraph);
    this.writeAbstract();
    for (const entity of this.entities) this.writeEntity(entity);
    for (const media of this.media) this.writeMedia(media);
    this.writeInterfaceObject();
    for (const subgraph of this.subgraphs) this.writeRoots(subgraph);
    return Object.fromEntries([...this.texts].map(([name, parts]) => [name, parts.join('\n')]));
  }

  private add(subgraph: string, text: string): void {
    this.texts.get(subgraph)?.push(text);
  }

  private alternatives(names: readonly string[]): string[][] {
    const list = (): string[] => [...new Set([this.draw.pick(names), this.draw.pick(names)])];
    return Array.from({ length: 1 + this.draw.below(2) }, list);
  }

  /** Directives of some element, remembered for what depends on it. */
  private auth(coordinate: string, percent: number, repeated: Taken = { signedIn: false, scopes: [], policies: [] }) {
    const { draw, naming } = this;
    const known = this.taken.get(coordinate) ?? { signedIn: false, scopes: [], policies: [] };
    this.taken.set(coordinate, known);
    const parts: string[] = [];
    const write = (name: string, argument: 'scopes' | 'policies', lists: readonly (readonly string[])[]): void => {
      // Sometimes an empty list, which demands nothing and loosens nothing.
      parts.push(`@${name}(${argument}: ${JSON.stringify(lists)})`);
      known[argument].push(...(lists[0] ?? []));
    };
    if (repeated.scopes.length > 0) write(naming.scopes, 'scopes', [repeated.scopes]);
    else if (draw.chance(percent)) write(naming.scopes, 'scopes', draw.chance(5) ? [] : this.alternatives(SCOPES));
    if (repeated.policies.length > 0) write(naming.policy, 'policies', [repeated.policies]);
    else if (draw.chance(percent / 4)) write(naming.policy, 'policies', this.alternatives(POLICY_NAMES));
    if (repeated.signedIn || draw.chance(percent / 4)) {
      parts.push(`@${naming.signedIn}`);
      known.signedIn = true;
    }
    return parts.join(' ');
  }

  /** What a dependant of these coordinates has to repeat. */
  private repeat(coordinates: readonly string[]): Taken {
    const all = coordinates.flatMap((coordinate) => this.taken.get(coordinate) ?? []);
    return {
      signedIn: all.some(({ signedIn }) => signedIn),
      scopes: [...new Set(all.flatMap(({ scopes }) => scopes))],
      policies: [...new Set(all.flatMap(({ policies }) => policies))],
    };
  }

  private writeShared(subgraph: string): void {
    const isHere = this.draw.chance(60);
    const auth = (coordinate: string, percent: number): string => (isHere ? this.auth(coordinate, percent) : '');
    this.add(
      subgraph,
      `scalar Secret ${auth('Secret', 50)}
      enum Level ${auth('Level', 40)} { HIGH LOW }
      type Dims @shareable ${auth('Dims', 20)} { w: Int ${auth('Dims.w', 30)} h: Secret deep: Dims ${auth('Dims.deep', 20)} }`,
    );
  }

  private writeAbstract(): void {
    const { draw } = this;
    const members = [...this.entities, ...this.media].filter(() => draw.chance(70));
    this.add(
      'a',
      `interface Named { id: ID! label: String near: Named level: Level }
      interface Close implements Named { id: ID! label: String near: Named level: Level close: Dims }
      interface Media @key(fields: "id") { id: ID! title: String from: Named }
      union Any = ${members.length > 0 ? members.join(' | ') : 'E0'}`,
    );
  }

  /** An entity of subgraph a that the others add to. */
  private writeEntity(name: string): void {
    const { draw } = this;
    const at = (field: string, percent = 35): string => this.auth(`${name}.${field}`, percent);
    const interfaces = this.implemented.get(name) ?? [];
    const implemented = interfaces.length > 0 ? ` implements ${interfaces.join(' & ')}` : '';
    // An implementation's field may be narrower than the interface's.
    const near = draw.pick(['Named', ...this.entities.filter((each) => this.implemented.get(each)?.includes('Named'))]);
    const other = draw.pick(this.entities);
    const lines = [
      `id: ID! ${at('id', 5)}`,
      `f0: ${draw.pick(['Int', 'Secret', 'Level', '[Level!]'])} ${at('f0')}`,
      `f1: String ${at('f1')}`,
      `dims: Dims ${at('dims')}`,
      `other: ${draw.pick([other, `[${other}!]`])} ${at('other', 20)}`,
      `any: ${draw.pick(['Any', '[Any!]', '[Media]', 'Named'])} ${at('any', 20)}`,
      `both: Int @shareable ${at('both')}`,
      ...(interfaces.includes('Named') ? [`label: String ${at('label')}`, `near: ${near} ${at('near', 20)}`] : []),
      ...(interfaces.includes('Named') ? [`level: Level ${at('level', 20)}`] : []),
      ...(interfaces.includes('Close') ? [`close: Dims ${at('close', 20)}`] : []),
    ];
    this.add('a', `type ${name}${implemented} @key(fields: "id") ${this.auth(name, 35)} { ${lines.join('\n  ')} }`);
    this.writeAdded(name, lines);
  }

  /** What the other subgraphs compute from it, a chain. */
  private writeAdded(name: string, lines: readonly string[]): void {
    const { draw } = this;
    const typeOf = (field: string): string =>
      lines.find((line) => line.startsWith(`${field}:`))?.split(' ')[1] ?? 'Int';
    let needed = draw.pick(['f0', 'f1', 'dims']);
    let type = typeOf(needed);
    for (const [step, subgraph] of this.subgraphs.slice(1).entries()) {
      const selected = needed === 'dims' ? draw.pick(['dims { w }', 'dims { deep { h } }', 'dims { h }']) : needed;
      const inner = selected.includes('{') ? ['Dims', 'Dims.w', 'Dims.deep', 'Secret'] : [];
      const repeated = this.repeat([`${name}.${needed}`, type.replace(/[[\]!]/g, ''), ...inner]);
      const own = [
        `id: ID!`,
        `${needed}: ${type} @external`,
        `r${step}: Int @requires(fields: "${selected}") ${this.auth(`${name}.r${step}`, 0, repeated)}`,
        `plain${step}: ${draw.pick(['Int', 'Secret', 'Dims', name])} ${this.auth(`${name}.plain${step}`, 30)}`,
        ...(draw.chance(60) ? [`both: Int @shareable ${this.auth(`${name}.both`, 40)}`] : []),
      ];
      const onType = draw.chance(20) ? this.auth(name, 40) : '';
      this.add(subgraph, `type ${name} @key(fields: "id") ${onType} { ${own.join('\n  ')} }`);
      needed = `r${step}`;
      type = 'Int';
    }
  }

  private writeMedia(name: string): void {
    const at = (field: string): string => this.auth(`${name}.${field}`, 25);
    const own = `title: String ${at('title')} from: Named ${at('from')} own: Level ${at('own')}`;
    this.add('a', `type ${name} implements Media @key(fields: "id") ${this.auth(name, 30)} { id: ID! ${own} }`);
  }

  private writeInterfaceObject(): void {
    const repeated = this.repeat(this.media.flatMap((name) => [`${name}.title`, name]));
    const lines = [
      'id: ID!',
      'title: String @external',
      `rating: Secret ${this.auth('Media.rating', 40)}`,
      `score: Int @requires(fields: "title") ${this.auth('Media.score', 0, repeated)}`,
      `related: ${this.draw.pick(this.entities)} ${this.auth('Media.related', 30)}`,
    ];
    this.add('b', `type Media @key(fields: "id") @interfaceObject { ${lines.join('\n  ')} }`);
  }

  private writeRoots(subgraph: string): void {
    const root = (name: string, type: string): string => `${name}: ${type} ${this.auth(`Query.${name}`, 20)}`;
    const own = this.entities.flatMap((name) => [
      root(`one${name}${subgraph}`, name),
      root(`all${name}${subgraph}`, `[${name}!]`),
    ]);
    const abstract = [root('any', 'Any'), root('anys', '[Any!]'), root('named', 'Named'), root('close', '[Close]')];
    const media = [root(`media${subgraph}`, '[Media!]')];
    const fields = [...own, ...(subgraph === 'a' ? abstract : []), ...(subgraph === 'c' ? [] : media)];
    this.add(subgraph, `type Query ${this.draw.chance(8) ? this.auth('Query', 50) : ''} { ${fields.join('\n  ')} }`);
    if (subgraph !== 'b') return;
    const set = this.entities.map((name) => `set${name}: ${name} ${this.auth(`Mutation.set${name}`, 60)}`);
    this.add(subgraph, `type Mutation { ${set.join('\n  ')} }`);
  }
}

/** Takes a seed; gives a federated schema with auth directives that composes, always the same. */
export async function generateScopedSchema(seed: number): Promise<ComposedSchema> {
  const faults: string[] = [];
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const writer = new ScopedSchemaWriter(drawFrom(seed * 1_009 + attempt));
    const schema: FederatedSchema = { name: `scoped-${seed}`, subgraphs: writer.write() };
    try {
      return await composeSchema(schema);
    } catch (error) {
      faults.push(String(error));
    }
  }
  throw new Error(`no schema of seed ${seed} composes:\n${faults.at(-1) ?? ''}`);
}
