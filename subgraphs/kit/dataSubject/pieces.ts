// What is held of a person, cut for events.

/**
 * A copy's documents are told in pieces of about so many bytes, as they stand in an event: as a text within JSON, sealed,
 * and in base64, which makes four of three. An event may have 262,144.
 */
const PIECE_BYTES_MAX = 150_000;

/** Takes documents; gives them as texts of JSON lists, none of many longer than an event may be. */
export function inPieces(documents: readonly object[]): string[] {
  const pieces: string[] = [];
  let texts: string[] = [];
  let bytes = 0;
  for (const document of documents) {
    const text = JSON.stringify(document);
    const own = Buffer.byteLength(JSON.stringify(text));
    if (bytes > 0 && bytes + own > PIECE_BYTES_MAX) {
      pieces.push(`[${texts.join(',')}]`);
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += own;
  }
  if (texts.length > 0) pieces.push(`[${texts.join(',')}]`);
  return pieces;
}
