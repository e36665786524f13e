// Small pieces that every part of the page uses.
import type { PageError, ShownVerdict } from '../../../page/pageWords.ts';
import { linkTo } from './route.ts';

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

/** A number with its thousands apart. */
export const number = (count: number): string => count.toLocaleString('en');

/** A number and its word, as "3 types". */
export function counted(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** A day of the world's time, as usage is counted. */
export function sayDay(text: string): string {
  return text === '' ? '' : day.format(new Date(text));
}

/** A moment in the reader's own time. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {moment.format(new Date(at))}
    </time>
  );
}

/** A coordinate as a link to what is known of it. */
export function Coordinate({ of, children }: { of: string; children?: PageChild }) {
  return (
    <a className="code" href={linkTo('schema', of)}>
      {children ?? of}
    </a>
  );
}

/** A verdict, by its word and its colour. */
export function Verdict({ of }: { of: ShownVerdict }) {
  return <span className={`verdict ${of}`}>{of}</span>;
}

/** What is in the way, and what to do. */
export function Fault({ fault }: { fault: PageError }) {
  return (
    <div className="fault" role="alert">
      <p className="fault-what">{fault.what}</p>
      <p>{fault.mend}</p>
    </div>
  );
}

/** What stands where nothing is yet. */
export function Waiting({ children }: { children: PageChild }) {
  return (
    <p className="waiting" role="status">
      {children}
    </p>
  );
}
