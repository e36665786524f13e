// Where this app has its API key from: a file, which is read anew for every request, so that whoever rotates the key
// replaces the file and nothing is started anew; or an environment variable. The key is never printed.
import { readFile } from 'node:fs/promises';

/** Gives the key as it is now. Rejects with a sentence for the person who starts the app. */
export type KeySource = () => Promise<string>;

/** Takes the environment; gives where the key comes from. Throws where it names none. */
export function openKeySource(env: Readonly<Record<string, string | undefined>>): KeySource {
  const { CRM_API_KEY_FILE: path, CRM_API_KEY: text } = env;
  if (path !== undefined) {
    return async () => {
      const key = (await readFile(path, 'utf8')).trim();
      if (key === '') throw new Error(`there is no key in ${path}`);
      return key;
    };
  }
  if (text === undefined || text === '') throw new Error('CRM_API_KEY_FILE or CRM_API_KEY has to hold an API key');
  return () => Promise.resolve(text);
}
