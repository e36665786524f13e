// The key that the page shows the gateway. It comes in the address's fragment, which no server is sent; from there it
// goes into the memory of this tab alone, and out of the address, so that no history and no bookmark keeps it.

const STORED_AS = 'crm-graph:key';
const FRAGMENT = /^#key=([\w.-]+)$/;

function takeFromAddress(): string | undefined {
  const key = FRAGMENT.exec(location.hash)?.[1];
  if (key === undefined) return undefined;
  sessionStorage.setItem(STORED_AS, key);
  history.replaceState(null, '', location.pathname + location.search);
  return key;
}

/** Gives this tab's key, undefined where it was opened without one. One that is put into the address later counts too. */
export function keyOfTab(): string | undefined {
  addEventListener('hashchange', () => {
    if (takeFromAddress() !== undefined) location.reload();
  });
  return takeFromAddress() ?? sessionStorage.getItem(STORED_AS) ?? undefined;
}
