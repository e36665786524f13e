// What is right: the measured queries executed by graphql-js in one process, on the same data, without any gateway.
import { readFileSync } from 'node:fs';
import { buildSchema, execute, parse, validate } from 'graphql';
import { products, users } from './data.ts';

/** The measured queries. */
export type QueryName = 'nested' | 'small';

const API = `
  type Query { me: User user(id: ID!): User users(caller: ID): [User] topProducts(first: Int = 5, caller: ID): [Product] }
  type User { id: ID! name: String username: String birthday: Int reviews: [Review] }
  type Product {
    upc: String! name: String price: Int weight: Int inStock: Boolean shippingEstimate: Int reviews: [Review]
  }
  type Review { id: ID! body: String product: Product author: User }
`;

/** Takes a query's name; gives its text. */
export function readQuery(name: QueryName): string {
  return readFileSync(new URL(`./${name}.graphql`, import.meta.url), 'utf8');
}

/** Takes a query's name; gives the text of its `data`, byte by byte as every gateway has to answer it. */
export async function executeReference(name: QueryName): Promise<string> {
  const schema = buildSchema(API);
  const document = parse(readQuery(name));
  const [fault] = validate(schema, document);
  if (fault !== undefined) throw fault;
  const rootValue = {
    users,
    me: users[0],
    user: ({ id }: { id: string }) => users.find((user) => user.id === id),
    topProducts: ({ first }: { first: number }) => products.slice(0, first),
  };
  const { data, errors } = await execute({ schema, document, rootValue, variableValues: { caller: '1' } });
  if (errors?.[0] !== undefined) throw errors[0];
  return JSON.stringify(data);
}
