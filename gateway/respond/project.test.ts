import { buildSchema, Kind, parse, type FieldNode, type OperationDefinitionNode } from 'graphql';
import fc from 'fast-check';
import type { Failure, FailureMap, Fields, SharedObjects } from '../compiledOperation.ts';
import { SharedEntities } from '../fetch/shareEntities.ts';
import { responseNameOf } from '../plan/clashingNames.ts';
import { compileShape } from '../plan/compileShape.ts';
import { fragmentsOf } from '../plan/specialize.ts';
import { projectAnswer } from './project.ts';

const SCHEMA = buildSchema(`
  type Query { book: Book books: [Book!] shelf: [[Book!]] media: [Media] any: Any num: Int ratio: Float meta: Meta kind: Kind need: Book! }
  scalar Meta
  interface Media { id: ID! title: String }
  type Book implements Media { id: ID! title: String pages: Int! author: Author sequel: Book }
  type Film implements Media { id: ID! title: String minutes: Int }
  type Author { name: String! best: Book! constructor: String }
  union Any = Book | Author
  enum Kind { NEW OLD }`);

const failure = (message: string, more: Partial<Failure> = {}): Failure => ({
  code: 'SUBGRAPH_TIMEOUT',
  message,
  namesField: true,
  beneath: [],
  ...more,
});

const RULES = { sentenceOf: (code: string) => `<${code}>`, errorsMax: 3 };

/** Answers a query out of a tree whose aliases are the client's own. */
function answer(query: string, tree: Fields, failures?: FailureMap, sources: Readonly<Record<string, string>> = {}) {
  const document = parse(query, { noLocation: true });
  const operation = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error('no operation');
  const sourceOf = (field: FieldNode): string => sources[responseNameOf(field)] ?? responseNameOf(field);
  const shape = compileShape(
    { schema: SCHEMA, operation, fragments: fragmentsOf(document), sourceOf, isPart: false, denied: undefined },
    {},
  );
  const given = projectAnswer({ tree, shared: new SharedEntities(), failures, loose: [] }, shape, {}, RULES);
  return { text: given.text, errors: given.errors };
}

/** A list in a list, as many times. */
function nested(times: number): unknown {
  let value: unknown = 1;
  for (let count = 0; count < times; count++) value = [value];
  return value;
}

const failed = (object: object, key: string | number, ...failures: Failure[]): FailureMap =>
  new Map([[object, new Map([[key, failures]])]]);
const badAnswerAt = (...path: (string | number)[]) => ({
  message: `${path.findLast((step) => typeof step === 'string')}: <SUBGRAPH_BAD_ANSWER>`,
  path,
  extensions: { code: 'SUBGRAPH_BAD_ANSWER' },
});

describe('an answer', () => {
  it('has the keys in the order of the query, and nothing that was not asked', () => {
    const tree = { num: 1, book: { pages: 2, __typename: 'Book', title: 't', id: '1' } };
    const query = '{ book { title ...P id } num } fragment P on Book { pages title }';
    expect(answer(query, tree)).toEqual({ text: '{"book":{"title":"t","pages":2,"id":"1"},"num":1}', errors: [] });
  });

  it('has what stands under another name in the tree under the client’s', () => {
    const { text } = answer('{ book { title: id id: title } }', { book: { a0: '1', a1: 't' } }, undefined, {
      title: 'a0',
      id: 'a1',
    });
    expect(text).toBe('{"book":{"title":"1","id":"t"}}');
  });

  it('takes __proto__ for an alias like any other', () => {
    const { text } = answer('{ __proto__: book { id } }', { a0: { id: '1' } }, undefined, { ['__proto__']: 'a0' });
    expect(text).toBe('{"__proto__":{"id":"1"}}');
    expect(({} as Fields)['id']).toBeUndefined();
  });

  it('has a field by the name of what every object has, from where it stands in the tree', () => {
    const sources = { constructor: 'a0' };
    expect(
      answer('{ book { author { constructor } } }', { book: { author: { a0: 'x' } } }, undefined, sources),
    ).toEqual({
      text: '{"book":{"author":{"constructor":"x"}}}',
      errors: [],
    });
  });

  it('has of each object what was asked of its type', () => {
    const media = [
      { __typename: 'Book', id: '1', pages: 3, minutes: 9 },
      { __typename: 'Film', id: '2', minutes: 9 },
      null,
    ];
    const { text, errors } = answer('{ media { id ... on Book { pages } ... on Film { minutes } __typename } }', {
      media,
    });
    const book = '{"id":"1","pages":3,"__typename":"Book"}';
    expect([text, errors]).toEqual([`{"media":[${book},{"id":"2","minutes":9,"__typename":"Film"},null]}`, []]);
  });

  it('refuses an object of a type that cannot stand there', () => {
    const { text, errors } = answer('{ any { __typename } media { id } }', {
      any: { __typename: 'Film' },
      media: [
        { __typename: 'Author', id: '1' },
        { __typename: 'Nobody', id: '2' },
      ],
    });
    expect(text).toBe('{"any":null,"media":[null,null]}');
    expect(errors).toEqual([badAnswerAt('any'), badAnswerAt('media', 0), badAnswerAt('media', 1)]);
  });

  it.each([
    ['num', 2 ** 31],
    ['num', 1.5],
    ['num', '1'],
    ['ratio', Number.POSITIVE_INFINITY],
    ['meta', Number.NEGATIVE_INFINITY],
    ['meta', nested(100_000)],
    ['kind', 'BORN'],
    ['book', []],
    ['books', {}],
    ['book', 'text'],
  ])('refuses a wrong %s with an error at its path (%#)', (field, value) => {
    const query = ['book', 'books'].includes(field) ? `{ ${field} { id } }` : `{ ${field} }`;
    expect(answer(query, { [field]: value })).toEqual({ text: `{"${field}":null}`, errors: [badAnswerAt(field)] });
  });
});

describe('a null', () => {
  it('that may be is no error, unless the value never came', () => {
    expect(answer('{ book { title } }', { book: { title: null } })).toEqual({
      text: '{"book":{"title":null}}',
      errors: [],
    });
    expect(answer('{ book { title } }', { book: {} }).errors).toEqual([badAnswerAt('book', 'title')]);
  });

  it('travels up to the next place that may be null, through lists, and is told where it began', () => {
    const rows = [[{ n: 1 }], [{ n: 2 }, { n: null }]];
    expect(answer('{ rows: shelf { n: pages } num }', { rows, num: 1 })).toEqual({
      text: '{"rows":[[{"n":1}],null],"num":1}',
      errors: [badAnswerAt('rows', 1, 1, 'n')],
    });
  });

  it('makes the whole answer null where nothing above may be', () => {
    expect(answer('{ num need { author { best { pages } } pages } }', { num: 1, need: { author: null } })).toEqual({
      text: 'null',
      errors: [badAnswerAt('need', 'pages')],
    });
  });

  it('is told for each of several wrong fields beside each other', () => {
    const { text, errors } = answer('{ book { id pages } }', { book: { id: {}, pages: 'x' } });
    expect([text, errors]).toEqual(['{"book":null}', [badAnswerAt('book', 'id'), badAnswerAt('book', 'pages')]]);
  });
});

describe('a failure', () => {
  it('is told once at the client’s path, with its own code', () => {
    const book = { id: '1' };
    const { text, errors } = answer(
      '{ mine: book { id name: title } }',
      { mine: book },
      failed(book, 'name', failure('late')),
    );
    expect(text).toBe('{"mine":{"id":"1","name":null}}');
    expect(errors).toEqual([
      { message: 'name: late', path: ['mine', 'name'], extensions: { code: 'SUBGRAPH_TIMEOUT' } },
    ]);
  });

  it('that travelled up within the subgraph is told at the path where it began, in the client’s names', () => {
    const tree = { book: { a0: null } };
    const beneath = failure('torn', { beneath: ['best', 'a1'], namesField: false });
    const { errors } = answer(
      '{ book { by: author { best { title: pages } } } }',
      tree,
      failed(tree.book, 'a0', beneath),
      {
        by: 'a0',
        title: 'a1',
      },
    );
    expect(errors.map(({ message, path }) => [message, path])).toEqual([['torn', ['book', 'by', 'best', 'title']]]);
  });

  it('is told no deeper than the client asked', () => {
    const tree = { book: { author: null } };
    const beneath = failure('torn', { beneath: ['best', 'inner', 'more'] });
    const { errors } = answer('{ book { author { best { id } } } }', tree, failed(tree.book, 'author', beneath));
    expect(errors.map(({ path }) => path)).toEqual([['book', 'author', 'best']]);
  });

  it('of a field that the client did not ask for is not told', () => {
    const book = { id: '1' };
    expect(answer('{ book { id } }', { book }, failed(book, 'pages', failure('late'))).errors).toEqual([]);
  });

  it('of many fields, in other words for each, is told as often as may be all the same', () => {
    const books = Array.from({ length: 10 }, () => ({ id: '1' }));
    const failures: FailureMap = new Map(
      books.map((book, at) => [book, new Map([['title', [failure(`No book ${at}.`, { namesField: false })]]])]),
    );
    const { errors } = answer('{ books { title } }', { books }, failures);
    expect(errors.map(({ message }) => message)).toEqual([
      'No book 0.',
      'No book 1.',
      'No book 2. 7 more fields are missing for the same reason.',
    ]);
  });

  it('of many fields is told as often as may be, and the last error counts the rest', () => {
    const one = failure('late');
    const books = Array.from({ length: 10 }, () => ({ id: '1' }));
    const failures: FailureMap = new Map(books.map((book) => [book, new Map([['title', [one]]])]));
    const { text, errors } = answer('{ books { title } }', { books }, failures);
    expect(text).toBe(`{"books":[${books.map(() => '{"title":null}').join(',')}]}`);
    expect(errors.map(({ message, path }) => [message, path?.[1]])).toEqual([
      ['title: late', 0],
      ['title: late', 1],
      ['title: late 7 more fields are missing for the same reason.', 2],
    ]);
  });

  it('is told apart from another that came as often', () => {
    const books = Array.from({ length: 2 }, () => ({ id: '1' }));
    const failures: FailureMap = new Map(
      books.map((book, at) => [book, new Map([['title', [failure(`late ${at}`)]]])]),
    );
    const { errors } = answer('{ books { title } }', { books }, failures);
    expect(errors.map(({ message }) => message)).toEqual(['title: late 0', 'title: late 1']);
  });
});

describe('an object that stands at several places', () => {
  const shared = (object: object): SharedObjects => ({ isEmpty: false, has: (each) => each === object });
  const answerShared = (query: string, tree: Fields, object: object) => {
    const document = parse(query, { noLocation: true });
    const [operation] = document.definitions as OperationDefinitionNode[];
    if (operation === undefined) throw new Error('no operation');
    const source = {
      schema: SCHEMA,
      operation,
      fragments: fragmentsOf(document),
      sourceOf: responseNameOf,
      isPart: false,
      denied: undefined,
    };
    return projectAnswer(
      { tree, shared: shared(object), failures: undefined, loose: [] },
      compileShape(source, {}),
      {},
      RULES,
    );
  };

  it('is written at each, as each asks it', () => {
    const book = { id: '1', title: 't' };
    const { text } = answerShared('{ book { id } books { id title } }', { book, books: [book, book] }, book);
    expect(text).toBe('{"book":{"id":"1"},"books":[{"id":"1","title":"t"},{"id":"1","title":"t"}]}');
  });

  it('is told of at each where something of it is wrong', () => {
    const book = { id: '1', title: 5 };
    const { text, errors } = answerShared('{ books { title } }', { books: [book, book] }, book);
    expect(text).toBe('{"books":[{"title":null},{"title":null}]}');
    expect(errors).toEqual([badAnswerAt('books', 0, 'title'), badAnswerAt('books', 1, 'title')]);
  });
});

describe('a text of an answer', () => {
  it('is the JSON of its value', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\ud800', '\u2028', '')),
        (title) => {
          expect(answer('{ book { title } }', { book: { title } }).text).toBe(JSON.stringify({ book: { title } }));
        },
      ),
    );
  });
});
