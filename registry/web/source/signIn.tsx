// Where the server wants a credential: it is kept in this page's memory alone.
import { useEffect, useRef, useState } from 'react';
import type { PageError } from '../../../page/pageWords.ts';
import { signIn } from './ask.ts';

const WRONG: PageError = { what: 'This is not the credential.', mend: 'It is the gateway’s CRM_ADMIN_TOKEN.' };

/** Asks for the credential until the server takes it. */
export function SignIn({ onEnter }: { onEnter: () => void }) {
  const [given, setGiven] = useState('');
  const [fault, setFault] = useState<PageError | undefined>(undefined);
  const [isAsking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement | null>(null);
  useEffect(() => {
    field.current?.focus();
    return undefined;
  }, []);
  const enter = async (): Promise<void> => {
    setAsking(true);
    const headers = { authorization: `Bearer ${given}` };
    const response = await fetch('./api/overview', { headers, cache: 'no-store', credentials: 'omit' }).catch(
      () => undefined,
    );
    setAsking(false);
    if (response === undefined) setFault({ what: 'The server does not answer.', mend: 'See whether it still runs.' });
    else if (response.status === 401) setFault(WRONG);
    else {
      signIn(given);
      onEnter();
    }
  };
  return (
    <main className="sign-in" id="main">
      <h1>Registry</h1>
      <p>This gateway’s schema, its history and its checks. Sign in with the credential of its admin port.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <label htmlFor="credential">Admin credential</label>
        <input
          id="credential"
          ref={field}
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={given}
          aria-describedby="credential-note"
          aria-invalid={fault !== undefined}
          onChange={(event) => setGiven(event.target.value.trim())}
        />
        <button type="submit" disabled={isAsking}>
          {isAsking ? 'Signing in…' : 'Sign in'}
        </button>
        <p id="credential-note" className="note">
          It stays in the memory of this tab: closing or reloading the page forgets it.
        </p>
        <p role="alert" className="wrong">
          {fault === undefined ? '' : `${fault.what} ${fault.mend}`}
        </p>
      </form>
    </main>
  );
}
