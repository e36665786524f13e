// What is read of a short text that comes again and again, as of a client's header: read once, and kept for the next.

/** Of so many texts what was read is kept; clients send few different ones. Where somebody sends many, later ones are read each time. */
const KNOWN_MAX = 100;

/** Takes what reads a text, the same for the same text; gives what does so once for each of the first texts. */
export function rememberFew<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = read(text);
    if (known.size < KNOWN_MAX) known.set(text, { value });
    return value;
  };
}
