// The data of the measured graph: constant, linked, the same in every subgraph and in the reference. Small on purpose, so
// that the subgraphs cost little; the nested query blows it up.

/** A user with what accounts and reviews know of them. */
export interface User {
  readonly __typename: 'User';
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly birthday: number;
  readonly reviews: Review[];
}

/** A product with what products, inventory and reviews know of it. */
export interface Product {
  readonly __typename: 'Product';
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
  readonly shippingEstimate: number;
  readonly reviews: Review[];
}

/** A review, linked both ways. */
export interface Review {
  readonly __typename: 'Review';
  readonly id: string;
  readonly body: string;
  readonly author: User;
  readonly product: Product;
}

const REVIEWS = 26;
const NAMES = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Donald Knuth'];
const GOODS = ['Oak table', 'Couch', 'Glass', 'Chair', 'TV', 'Lamp', 'Grill', 'Fridge', 'Sofa'];
const OPINIONS = [
  'Love it, and so does everyone who came to see it!',
  'Too expensive for what it is, but it does what it says.',
  'Could be better: it came late and one leg was shorter.',
  'Prefer something else, though I cannot say what it is.',
];

/** Takes a product's price and weight; gives what its shipping costs: the big and dear ones go free. */
export function estimateShipping(price: number, weight: number): number {
  return price > 1_000 ? 0 : Math.round(weight * 0.5);
}

/** The users, in the order that accounts gives them. */
export const users: readonly User[] = NAMES.map((name, at) => ({
  __typename: 'User',
  id: String(at + 1),
  name,
  username: `@${name.toLowerCase().replace(' ', '.')}`,
  birthday: 1_815 + at * 23,
  reviews: [],
}));

/** The products; the first are the top ones. */
export const products: readonly Product[] = GOODS.map((name, at) => {
  const price = 54 + at * 211;
  const weight = 100 + at * 83;
  const shippingEstimate = estimateShipping(price, weight);
  const inStock = at % 3 !== 1;
  return { __typename: 'Product', upc: String(at + 1), name, price, weight, inStock, shippingEstimate, reviews: [] };
});

/** The reviews: spread over users and products so that every user has four or five and every product two or three. */
export const reviews: readonly Review[] = Array.from({ length: REVIEWS }, (_, at) => {
  const author = users[at % users.length];
  const product = products[(at * 5 + 1) % products.length];
  if (author === undefined || product === undefined) throw new Error('a review without an author or a product');
  const body = OPINIONS[(at * 3 + Math.floor(at / 4)) % OPINIONS.length] ?? '';
  const review: Review = { __typename: 'Review', id: String(at + 1), body, author, product };
  author.reviews.push(review);
  product.reviews.push(review);
  return review;
});
