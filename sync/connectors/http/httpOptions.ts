// What a JSON API is configured by: one address, how its pages follow one another, how it is told who asks.
import { z } from 'zod';
import { SECRET } from '../sql/sqlOptions.ts';

const path = z.string().max(200);
const word = z.string().min(1).max(100);
const RESPONSE_BYTES = 10_485_760;

/** The options of an API. */
export const HTTP_SPEC = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'expected an address like https://api.example.com/v1/customers' }),
  /** Allows http:// to another machine: whoever is in between can read and change all of it. */
  plaintextAllowed: z.boolean().default(false),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(1_000)).default({}),
  auth: z
    .union([z.strictObject({ bearer: SECRET }), z.strictObject({ header: word, secret: SECRET })], {
      error: 'expected { bearer: SECRET } or { header: NAME, secret: SECRET }',
    })
    .optional(),
  /** The way to the list of records in an answer, with points between; empty: the answer is the list. */
  records: path.default(''),
  /** The field that names a record in the reject file. */
  key: path.optional(),
  pages: z
    .union(
      [
        z.strictObject({ by: z.literal('cursor'), parameter: word, next: path }),
        z.strictObject({ by: z.literal('number'), parameter: word, first: z.int().min(0).default(1) }),
        z.strictObject({ by: z.literal('link') }),
      ],
      { error: 'expected { by: cursor, parameter, next }, { by: number, parameter, first } or { by: link }' },
    )
    .optional(),
  /** Asks for what changed alone: `field` of the records grows with every change. */
  updatedSince: z
    .strictObject({ parameter: word, field: path, overlapSeconds: z.number().min(0).max(86_400).default(60) })
    .optional(),
  responseBytesMax: z.int().min(1_024).max(268_435_456).default(RESPONSE_BYTES),
});

/** The options of an API, read. */
export type HttpOptions = z.infer<typeof HTTP_SPEC>;
