// Whether a text holds the beginning of an API key, where none belongs: such a request is refused, as what it carries
// would stand in names of operations, errors and logs next.

/** As much of a key as tells that it was one, in any letters' case: what folds them must not hide it. */
const KEY_LIKE = /crm_(?:live|test)_[0-9a-z]{12}_/i;
const KEY_LIKE_LENGTH = 'crm_live_000000000000_'.length;

/** Takes a header or an address; says whether it holds a key, also behind percent signs. */
export function holdsKey(text: string): boolean {
  if (text.length < KEY_LIKE_LENGTH) return false;
  if (KEY_LIKE.test(text)) return true;
  if (!text.includes('%')) return false;
  // By the character, as one bad sequence must not hide the rest.
  return KEY_LIKE.test(
    text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  );
}

/** Takes the text of a body; says whether it holds a key, also in the escapes of JSON and of a document's texts in it. */
export function bodyHoldsKey(text: string): boolean {
  if (KEY_LIKE.test(text)) return true;
  if (!text.includes('\\u')) return false;
  // Bounded repeats: a body of backslashes must not take a second to look through.
  return KEY_LIKE.test(
    text.replace(/\\{1,4}u(?:00([0-7][0-9a-f])|\{0{0,4}([0-7][0-9a-f])\})/gi, (_, plain?: string, braced?: string) =>
      String.fromCharCode(Number.parseInt(plain ?? braced ?? '', 16)),
    ),
  );
}
