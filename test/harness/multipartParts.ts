// Reads a multipart subscription part by part, as clients do: a part is whole when the next boundary has come.
const BOUNDARY = '\r\n--graphql';

/** Takes a response; gives the JSON of its parts. */
export async function* findParts(response: Response): AsyncGenerator<unknown, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf(BOUNDARY); end >= 0; end = text.indexOf(BOUNDARY)) {
      const [, json] = text.slice(0, end).split('\r\n\r\n');
      text = text.slice(end + BOUNDARY.length);
      if (json !== undefined) yield JSON.parse(json);
    }
  }
  return undefined;
}
