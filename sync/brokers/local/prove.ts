// How client and server of the local broker show each other that they know one secret, without saying it: each answers
// the other's fresh number. The two answers differ, so that neither can be sent back to whoever made it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who answers. */
export type Prover = 'client' | 'server';

/** What both have said before. */
export interface Nonces {
  readonly client: string;
  readonly server: string;
}

/** Takes the secret, who answers and both numbers; gives the answer. */
export function proofOf(secret: string, prover: Prover, { client, server }: Nonces): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([prover, client, server]))
    .digest('hex');
}

/** Whether an answer is the right one; takes equally long for all answers of its length. */
export function isProof(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
