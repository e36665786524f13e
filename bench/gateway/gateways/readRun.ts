// What every measured process is told: its port, the supergraph, the subgraphs' addresses, the answers' folder.
import { parseArgs } from 'node:util';

/** What a measured process is told on its command line. */
export interface Run {
  readonly port: number;
  readonly supergraphPath: string;
  /** The addresses of the subgraphs, by name. */
  readonly subgraphs: Readonly<Record<string, string>>;
  /** Where the reference answers lie, as `<query>.json`. */
  readonly answersPath: string;
  readonly variant: string;
}

/** Reads the command line that main.ts gives to the processes it measures. */
export function readRun(): Run {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({
    options: {
      port: text,
      supergraph: text,
      answers: text,
      variant: text,
      subgraph: { type: 'string', multiple: true },
    },
  });
  const subgraphs = (values.subgraph ?? []).map((word) => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]);
  return {
    port: Number(values.port),
    supergraphPath: values.supergraph,
    subgraphs: Object.fromEntries(subgraphs) as Record<string, string>,
    answersPath: values.answers,
    variant: values.variant,
  };
}
