// One generated input: the bytes that go over the wire, and what is known about them.

/** What a client sends. */
export interface BadInput {
  /** Which generator made it. */
  readonly family: string;
  readonly bytes: Buffer;
  /** How many answers it must get; undefined where it is no whole request, which may be closed without one. */
  readonly answers: number | undefined;
  /** Whether answers come without a body. */
  readonly isHead: boolean;
}

/** The parts of a request that are whole. */
export interface WholeRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | string;
}

/** Takes the parts of a request; gives its bytes, with a length that is true. */
export function writeRequest(request: WholeRequest): Buffer {
  const { method = 'POST', target = '/graphql', headers = [['content-type', 'application/json']] } = request;
  const body = Buffer.from(request.body ?? '');
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = method === 'GET' && body.length === 0 ? '' : `content-length: ${body.length}\r\n`;
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\nhost: a\r\n${lines}${length}\r\n`), body]);
}

/** Takes a body; gives the POST that carries it as JSON. */
export function postOf(family: string, body: Buffer | string): BadInput {
  return { family, bytes: writeRequest({ body }), answers: 1, isHead: false };
}
