// Makes the bytes of the measured requests. Unique callers differ in their authorization and in a variable; both have a
// fixed width, so that a request is a copy with its digits written in.

const DIGITS = 10;
const MARK = '#'.repeat(DIGITS);

/** What a request is made of. */
export interface RequestPattern {
  readonly host: string;
  readonly path: string;
  readonly query: string;
  /** Whether every request has a caller of its own; all have the same one otherwise. */
  readonly unique: boolean;
}

/** Takes a pattern; gives what makes the next request's bytes. */
export function requestMaker(pattern: RequestPattern): () => Buffer {
  const body = JSON.stringify({ query: pattern.query, variables: { caller: MARK } });
  const head = [
    `POST ${pattern.path} HTTP/1.1`,
    `host: ${pattern.host}`,
    'content-type: application/json',
    'accept: application/json',
    `authorization: Bearer ${MARK}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  const template = Buffer.from(`${head}\r\n\r\n${body}`);
  const first = template.indexOf(MARK);
  const second = template.indexOf(MARK, first + DIGITS);
  let caller = 0;
  return () => {
    if (pattern.unique) caller += 1;
    const digits = String(caller).padStart(DIGITS, '0');
    const request = Buffer.from(template);
    request.write(digits, first, 'latin1');
    request.write(digits, second, 'latin1');
    return request;
  };
}
