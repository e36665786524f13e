// What GraphiQL remembers. Tabs and settings outlast the browser's tab; the history does not, since GraphiQL puts the
// headers of every request into it, and with them a key.

const PREFIX = 'graphiql:';
const WITH_HEADERS = new Set([`${PREFIX}queries`, `${PREFIX}favorites`, `${PREFIX}headers`]);

function storageOf(name: string): Storage {
  return WITH_HEADERS.has(name) ? sessionStorage : localStorage;
}

function namesIn(storage: Storage): string[] {
  return Object.keys(storage).filter((name) => name.startsWith(PREFIX));
}

/** The storage for GraphiQL, of what is its own alone. */
export const pageStorage = {
  getItem: (name: string): string | null => storageOf(name).getItem(name),
  setItem: (name: string, value: string): void => storageOf(name).setItem(name, value),
  removeItem: (name: string): void => storageOf(name).removeItem(name),
  clear(): void {
    for (const storage of [sessionStorage, localStorage]) for (const name of namesIn(storage)) storage.removeItem(name);
  },
  get length(): number {
    return namesIn(sessionStorage).length + namesIn(localStorage).length;
  },
};
