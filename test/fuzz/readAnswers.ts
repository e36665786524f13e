// Reads HTTP answers out of bytes, as strictly as a client that must not be confused.

/** An answer as it came. */
export interface WireAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What was read. */
export interface ReadAnswers {
  readonly answers: readonly WireAnswer[];
  /** Why what follows is no answer; undefined where it is, or is not all there yet. */
  readonly fault: string | undefined;
  /** Whether some bytes of an answer that is not complete are left. */
  readonly isPartial: boolean;
}

const HEAD_END = '\r\n\r\n';

function readHeaders(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** Takes the bytes of a connection and whether bodies are left out; gives the answers in them. */
export function readAnswers(bytes: Buffer, isHead: boolean): ReadAnswers {
  const answers: WireAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(HEAD_END, at);
    if (end < 0) return { answers, fault: undefined, isPartial: true };
    const [opening = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(opening)?.[1]);
    if (Number.isNaN(status))
      return { answers, fault: `no answer begins with ${opening.slice(0, 80)}`, isPartial: false };
    const headers = readHeaders(lines);
    at = end + HEAD_END.length;
    if (status < 200) continue;
    const length = Number(headers.get('content-length'));
    if (!Number.isInteger(length)) return { answers, fault: 'an answer without a length', isPartial: false };
    const bodyEnd = isHead ? at : at + length;
    if (bodyEnd > bytes.length) return { answers, fault: undefined, isPartial: true };
    answers.push({ status, headers, body: bytes.subarray(at, bodyEnd) });
    at = bodyEnd;
  }
  return { answers, fault: undefined, isPartial: false };
}
