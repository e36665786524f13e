// Whether an answer is right: its `data` must be the reference's, byte by byte, and it may hold no errors. Pure.

const OPENING = Buffer.from('{"data":');

/** Takes the reference data's bytes; gives what tells why an answer's body is wrong, or undefined where it is right. */
export function answerChecker(reference: Buffer): (body: Buffer) => string | undefined {
  const text = reference.toString();
  const expected = Buffer.concat([OPENING, reference]);
  return (body) => {
    // The usual form, compared without being parsed.
    if (body.compare(expected, 0, expected.length, 0, Math.min(body.length, expected.length)) === 0) {
      const rest = body.toString('utf8', expected.length).trimEnd();
      if (rest === '}') return undefined;
    }
    return compareParsed(body.toString(), text);
  };
}

function compareParsed(body: string, reference: string): string | undefined {
  let answer: { data?: unknown; errors?: unknown };
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    return `an answer that is no JSON: ${body.slice(0, 200)}`;
  }
  if (answer.errors !== undefined) return `an answer with errors: ${JSON.stringify(answer.errors).slice(0, 300)}`;
  const data = JSON.stringify(answer.data) as string | undefined;
  if (data === reference) return undefined;
  let at = 0;
  while (at < reference.length && reference[at] === data?.[at]) at += 1;
  return `wrong data at byte ${at}: ${data?.slice(Math.max(0, at - 40), at + 40) ?? 'none'} instead of ${reference.slice(Math.max(0, at - 40), at + 40)}`;
}
