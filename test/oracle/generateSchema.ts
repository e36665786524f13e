// Federated schemas from a seed: entities with keys of every kind spread over subgraphs, with what they require, provide,
// share, override and hide. One that does not compose is not used: the next seed is.
import { composeSchema, LINK, type FederatedSchema } from './federatedSchema.ts';
import { drawFrom, type Draw } from './draw.ts';

const TRIES_MAX = 40;
const NAMES = ['a', 'b', 'c', 'd'];
const LEAVES = [
  'Int',
  'String',
  'Float',
  'Boolean',
  'ID',
  'Int!',
  '[Int]',
  '[String!]',
  '[[Int!]]',
  'Level',
  'Free',
  '[Level!]',
];
const ARGUMENTS = [
  '',
  '',
  '',
  '(n: Int = 2)',
  '(by: Filter)',
  '(level: Level = HIGH, n: Int!)',
  '(tags: [String!] = ["x"])',
];

interface Entity {
  readonly name: string;
  /** The subgraphs that have it; the first is its home. */
  readonly homes: readonly string[];
  readonly keyKind: 'single' | 'compound' | 'nested' | 'chain';
}

interface PlacedField {
  readonly name: string;
  readonly type: string;
  readonly home: string;
}

/** Every other entity has a label that all of its subgraphs give; the rest may be unknown to some of them. */
function isKnown(type: string): boolean {
  return /^E[13]$/.test(type);
}

/** Writes the subgraphs of one schema. */
class SchemaWriter {
  private readonly draw: Draw;
  private readonly subgraphs: readonly string[];
  private readonly entities: readonly Entity[];
  /** Lines of a type's body by subgraph and type. */
  private readonly lines = new Map<string, string[]>();
  private readonly heads = new Map<string, string>();
  private readonly mutations: string;

  constructor(draw: Draw) {
    this.draw = draw;
    this.subgraphs = NAMES.slice(0, 2 + draw.below(3));
    const count = 2 + draw.below(3);
    this.entities = Array.from({ length: count }, (_, index) => {
      const homes = this.subgraphs.filter(() => draw.chance(75));
      const enough = homes.length < 2 ? this.subgraphs.slice(0, 2) : homes;
      const keyKind = draw.pick(['single', 'single', 'compound', 'nested', 'chain'] as const);
      return { name: `E${index}`, homes: enough, keyKind };
    });
    this.mutations = draw.pick(this.subgraphs);
  }

  write(): Record<string, string> {
    for (const entity of this.entities) this.writeEntity(entity);
    for (const subgraph of this.subgraphs) this.writeRoots(subgraph);
    return Object.fromEntries(this.subgraphs.map((subgraph) => [subgraph, this.print(subgraph)]));
  }

  private add(subgraph: string, type: string, line: string): void {
    const place = `${subgraph} ${type}`;
    this.lines.set(place, [...(this.lines.get(place) ?? []), line]);
  }

  private keyLines(entity: Entity, home: string): [string, string[]] {
    const position = entity.homes.indexOf(home);
    if (entity.keyKind === 'compound') return ['@key(fields: "id code")', ['id: ID!', 'code: Int!']];
    if (entity.keyKind === 'nested') return ['@key(fields: "id place { zone }")', ['id: ID!', 'place: Place!']];
    if (entity.keyKind === 'single') return ['@key(fields: "id")', ['id: ID!']];
    // Each next home shares one key with the one before it.
    const keys = [`k${position}`, ...(position > 0 ? [`k${position - 1}`] : [])];
    return [keys.map((key) => `@key(fields: "${key}")`).join(' '), keys.map((key) => `${key}: ID!`)];
  }

  private writeEntity(entity: Entity): void {
    for (const home of entity.homes) {
      const [keys, fields] = this.keyLines(entity, home);
      this.heads.set(`${home} ${entity.name}`, keys);
      for (const field of fields) {
        const isShared = entity.keyKind === 'nested' && field.startsWith('place');
        this.add(home, entity.name, isShared ? `${field} @shareable` : field);
      }
    }
    const placed: PlacedField[] = [];
    const count = 4 + this.draw.below(5);
    for (let index = 0; index < count; index++) placed.push(this.writeField(entity, `f${index}`));
    for (let index = 0; index < 3; index++) this.writeRequires(entity, `r${index}`, placed);
    this.writeOthers(entity, placed);
  }

  private writeField(entity: Entity, name: string): PlacedField {
    const { draw } = this;
    const home = draw.pick(entity.homes);
    const known = this.entities.filter((other) => other.homes.includes(home));
    const reference = draw.pick(known).name;
    const type = draw.pick([
      draw.pick(LEAVES),
      draw.pick(LEAVES),
      'Dims',
      '[Dims!]',
      reference,
      `[${reference}]`,
      `${reference}!`,
      'Thing',
      '[Thing!]',
    ]);
    const label = draw.chance(15) ? ' @tag(name: "some")' : '';
    this.add(
      home,
      entity.name,
      `${name}${type.includes('E') ? draw.pick(['', '(first: Int = 2)']) : draw.pick(ARGUMENTS)}: ${type}${label}`,
    );
    return { name, type, home };
  }

  /** A field that needs one or two fields of other subgraphs. */
  private writeRequires(entity: Entity, name: string, placed: PlacedField[]): void {
    const { draw } = this;
    const home = draw.pick(entity.homes);
    const plain = (field: PlacedField): boolean =>
      /^(Int|String|Float|ID|\[Int\]|Dims|\[Dims!\]|Boolean)$/.test(field.type);
    const lines = (field: PlacedField): string =>
      this.lines.get(`${field.home} ${entity.name}`)?.find((line) => line.startsWith(field.name)) ?? '';
    const needed = placed.filter((field) => field.home !== home && plain(field) && !lines(field).includes('('));
    const chosen = needed.filter(() => draw.chance(60)).slice(0, 2);
    if (chosen.length === 0) return;
    for (const field of chosen) {
      const external = `${field.name}: ${field.type} @external`;
      const known = this.lines.get(`${home} ${entity.name}`) ?? [];
      if (!known.includes(external)) this.add(home, entity.name, external);
    }
    const selected = chosen.map((field) => (field.type.includes('Dims') ? `${field.name} { w h }` : field.name));
    const type = draw.pick(['Int', 'String', '[Int!]', 'Float']);
    this.add(home, entity.name, `${name}: ${type} @requires(fields: "${selected.join(' ')}")`);
  }

  /** Shared, moved, provided and hidden fields. */
  private writeOthers(entity: Entity, placed: readonly PlacedField[]): void {
    const { draw } = this;
    const [first = 'a', second = 'b'] = entity.homes;
    if (draw.chance(60)) {
      this.add(first, entity.name, 'both(n: Int): String @shareable');
      this.add(second, entity.name, 'both(n: Int): String @shareable');
    }
    if (draw.chance(60)) {
      const label = draw.chance(30) ? ', label: "percent(50)"' : '';
      this.add(first, entity.name, 'moved: Int');
      this.add(second, entity.name, `moved: Int @override(from: "${first}"${label})`);
    }
    if (draw.chance(40)) this.add(first, entity.name, 'hidden: Int @inaccessible');
    if (placed.length > 0 && draw.chance(60)) {
      this.add(first, entity.name, 'given: String @shareable');
      this.add(second, entity.name, 'given: String @external');
      this.add(second, 'Query', `provided${entity.name}: [${entity.name}] @provides(fields: "given")`);
    }
  }

  private writeRoots(subgraph: string): void {
    const { draw } = this;
    for (const { name, homes } of this.entities) {
      if (!homes.includes(subgraph)) continue;
      if (draw.chance(60)) this.add(subgraph, 'Query', `one${name}${subgraph}(id: ID): ${name}`);
      if (draw.chance(60)) this.add(subgraph, 'Query', `all${name}${subgraph}(first: Int = 3): [${name}!]`);
      if (subgraph === this.mutations || draw.chance(30))
        this.add(subgraph, 'Mutation', `set${name}${subgraph}(n: Int): ${name}`);
    }
    this.add(subgraph, 'Query', `some${subgraph}(by: Filter): Thing`);
    this.add(subgraph, 'Query', 'ping: Int! @shareable');
  }

  private print(subgraph: string): string {
    const here = this.entities.filter(({ homes }) => homes.includes(subgraph));
    const bodies = [...this.lines].flatMap(([place, lines]) => {
      const [owner, type = ''] = place.split(' ');
      if (owner !== subgraph) return [];
      const isLabelled = isKnown(type);
      const implemented = isLabelled ? ' implements Known' : '';
      const body = isLabelled ? ['label(upper: Boolean): String @shareable', ...lines] : lines;
      return [`type ${type}${implemented} ${this.heads.get(place) ?? ''} { ${body.join('\n  ')} }`];
    });
    const union = [...here.map(({ name }) => name), 'Plain'].join(' | ');
    const known = here.some(({ name }) => isKnown(name)) ? 'interface Known { label(upper: Boolean): String }' : '';
    return `${LINK}
      scalar Free
      enum Level { HIGH LOW MIDDLE }
      input Filter { min: Int = 1 level: Level! = LOW words: [String!] and: [Filter!] }
      type Dims @shareable { w: Int h: Int deep: Dims }
      type Place @shareable { zone: ID! }
      type Plain @shareable { text: String! at: Dims }
      union Thing = ${union}
      ${known}
      ${bodies.join('\n')}`;
  }
}

/** Takes a seed; gives a federated schema that composes, always the same. */
export async function generateSchema(seed: number): Promise<FederatedSchema> {
  const faults: string[] = [];
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const writer = new SchemaWriter(drawFrom(seed * 1_009 + attempt));
    const schema = { name: `generated-${seed}`, subgraphs: writer.write() };
    try {
      await composeSchema(schema);
      return schema;
    } catch (error) {
      faults.push(String(error));
    }
  }
  throw new Error(`no schema of seed ${seed} composes:\n${faults.at(-1) ?? ''}`);
}
