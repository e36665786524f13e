// Why an effect failed, as it is kept beside a parked event and printed: the event's personal fields stood open while the
// effect ran, and messages of databases and libraries like to quote what they were given. It ends where quoting begins.
import { EffectFault } from './definition.ts';

const LENGTH_MAX = 300;
/** From the first quote, brace or bracket on. */
const QUOTED = /["'`{[].*$/s;

/** Takes what an effect threw; gives it in at most 300 characters, up to what it quotes. EffectFaults are our words. */
export function describeFault(error: unknown): string {
  if (error instanceof EffectFault) return `${error.name}: ${error.message}`.slice(0, LENGTH_MAX);
  if (!(error instanceof Error)) return `a fault that is no Error: ${typeof error}`;
  const code = 'code' in error && typeof error.code === 'number' ? ` ${error.code}` : '';
  return `${error.name}${code}: ${error.message.replace(QUOTED, '…')}`.slice(0, LENGTH_MAX);
}
