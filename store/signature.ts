// Who may publish: whoever has the secret that the gateways have too. A release's hash is signed, and with it everything
// that it names by hash: its artifacts and all releases before it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Hash } from './release.ts';
import { StoreRefusal } from './storeFault.ts';

/** Whose releases are taken. */
export interface Signing {
  /** Signs and verifies; undefined: nothing is signed, and what is not signed is taken. */
  readonly secret: string | undefined;
  /** The secret before, which verifies as well while it is changed. */
  readonly previous: string | undefined;
  /** Whether somebody looked at what is not signed and takes it: only the commands ask for it, by --unsigned. */
  readonly takesUnsigned?: boolean;
}

// So that a secret that is used elsewhere too, by mistake, signs nothing there that could be shown here.
const PURPOSE = 'crm-graph release v1\n';

function hmacOf(hash: Hash, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${PURPOSE}${hash}`).digest();
}

/** Takes a release's hash; gives its signature, null without a secret. */
export function signHash(hash: Hash, { secret }: Signing): string | null {
  return secret === undefined ? null : hmacOf(hash, secret).toString('base64url');
}

/** Throws StoreRefusal for a release that is not signed by somebody with the secret, where there is one. */
export function verifySignature(
  hash: Hash,
  signature: string | null,
  { secret, previous, takesUnsigned = false }: Signing,
): void {
  if (secret === undefined || (signature === null && takesUnsigned)) return;
  if (signature === null) throw new StoreRefusal('the published release is not signed, and CRM_REGISTRY_SECRET is set');
  const given = Buffer.from(signature, 'base64url');
  const isSigned = [secret, previous].some((each) => {
    if (each === undefined) return false;
    const expected = hmacOf(hash, each);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!isSigned) throw new StoreRefusal('the published release is signed with another secret');
}
