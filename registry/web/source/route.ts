// Where in the page somebody is, kept in the address behind #: every coordinate and report has a link of its own.
import { useEffect, useState } from 'react';

/** The parts of the page. */
export type View = 'history' | 'schema' | 'checks';

/** A place in the page. */
export interface Route {
  readonly view: View;
  /** A coordinate, or a release's number. */
  readonly detail: string | undefined;
}

const VIEWS: readonly View[] = ['history', 'schema', 'checks'];

function readRoute(): Route {
  const [, view = '', detail = ''] = /^#\/([a-z]*)\/?(.*)$/.exec(location.hash) ?? [];
  const known = VIEWS.find((each) => each === view) ?? 'history';
  let decoded = detail;
  try {
    decoded = decodeURIComponent(detail);
  } catch {
    // Somebody's own link: taken as it is.
  }
  return { view: known, detail: decoded === '' ? undefined : decoded };
}

/** Gives a link to a place. */
export function linkTo(view: View, detail?: string): string {
  return detail === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(detail).replaceAll('%3A', ':')}`;
}

/** Gives the place of now, and every later one. */
export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = (): void => setRoute(readRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
