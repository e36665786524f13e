// Asks the server that the page came from. A credential, where the server wants one, lives in this module's memory: a
// reload forgets it, and no storage of the browser ever has it.
import { useEffect, useState } from 'react';
import type { PageError } from '../../../page/pageWords.ts';

let credential: string | undefined;
let tellSignedOut = (): void => undefined;

/** Takes the credential that every question shows from now on. */
export function signIn(given: string): void {
  credential = given;
}

/** Takes what is told when the server wants a credential. */
export function onSignedOut(told: () => void): void {
  tellSignedOut = told;
}

const AWAY: PageError = {
  what: 'The server of this page does not answer.',
  mend: 'See whether it still runs; the page asks again when you do.',
};

/** An answer, or why there is none; both undefined while nothing has come. */
export interface Asked<T> {
  readonly answer: T | undefined;
  readonly fault: PageError | undefined;
  readonly isAsking: boolean;
}

function isTold(value: unknown): value is { readonly error: PageError } {
  return typeof value === 'object' && value !== null && 'error' in value;
}

async function askOnce(address: string, signal: AbortSignal): Promise<{ answer: unknown } | { fault: PageError }> {
  let response: Response;
  let body: unknown;
  try {
    const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    response = await fetch(`./api/${address}`, { headers, signal, cache: 'no-store', credentials: 'omit' });
    body = await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    return { fault: AWAY };
  }
  if (response.status === 401) tellSignedOut();
  if (isTold(body)) return { fault: body.error };
  return { answer: body };
}

/**
 * Asks an address, and again when it or `again` changes; undefined asks nothing. The answer before stays until the next
 * one is there, so that nothing flickers while somebody types.
 */
export function useAnswer<T>(address: string | undefined, again?: string | number): Asked<T> {
  // The server's answers have the shapes of pageWords.ts.
  const [asked, setAsked] = useState<Asked<T>>({ answer: undefined, fault: undefined, isAsking: true });
  useEffect(() => {
    if (address === undefined) return undefined;
    const leaving = new AbortController();
    setAsked((before) => ({ ...before, isAsking: true }));
    askOnce(address, leaving.signal).then(
      (got) =>
        setAsked(
          'answer' in got
            ? { answer: got.answer as T, fault: undefined, isAsking: false }
            : { answer: undefined, fault: got.fault, isAsking: false },
        ),
      () => undefined,
    );
    return () => leaving.abort();
  }, [address, again]);
  return asked;
}

/** Asks for one more part of a list. Rejects with nothing but an abort. */
export async function askMore<T>(address: string): Promise<T | undefined> {
  const got = await askOnce(address, new AbortController().signal);
  return 'answer' in got ? (got.answer as T) : undefined;
}
