// Reads the keys that an identity provider publishes: no redirects, no more bytes than keys have. What comes is not
// trusted further than that: jose reads it.

/** What is asked with; as jose gives it. */
export interface KeySetRequest {
  readonly headers: Headers;
  readonly method: 'GET';
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** Takes an address, a request and how many bytes may come; gives the answer. Rejects for more, and for a redirect. */
export async function fetchKeySet(url: string, request: KeySetRequest, bytesMax: number): Promise<Response> {
  const answer = await fetch(url, { ...request, redirect: 'error' });
  const body: AsyncIterable<Uint8Array> | null = answer.body;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the answer.
    if (bytes > bytesMax) throw new Error(`the keys of the identity provider have more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: answer.status });
}
