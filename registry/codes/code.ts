// What is said of every finding of a kind, whatever it is about: the page of its code. What a single finding adds is one
// sentence of what was found.
import type { FindingStep, Verdict } from '../finding.ts';

/** The page of a code. */
export interface Code {
  readonly step: FindingStep;
  readonly title: string;
  /** The usual verdict; one finding can have another, as a change of a type that is still compatible is safe. */
  readonly verdict: Verdict;
  readonly expected: string;
  readonly why: string;
  readonly mend: string;
}

/** Codes of one part of a check, by name. */
export type Codes = Readonly<Record<string, Code>>;
