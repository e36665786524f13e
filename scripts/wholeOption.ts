// How the commands of tests and benchmarks read a number from their command line.
import { InvalidArgumentError } from 'commander';

/** Takes an option's text; gives the whole number that it is. Throws commander's InvalidArgumentError where it is none. */
export function readWhole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
