// The log of a process: one JSON line each on standard output, secrets cut out by their position.
import { pino, type Logger } from 'pino';
import { errorLine } from './errorLine.ts';

/** A log that a part writes to; `child` adds fields to each line. */
export type Log = Logger;

/** Takes the part's name and the least level that is written; gives its log. */
export function openLog(part: string, level: string): Log {
  return pino({
    level,
    base: { part },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorLine },
    redact: { paths: ['headers.authorization', 'headers.cookie', 'uri', 'secret'], censor: '[cut]' },
  });
}
