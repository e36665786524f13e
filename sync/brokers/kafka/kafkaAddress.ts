// From CRM_BROKER_URL to what the Kafka client needs: `kafka://host:port[,host:port]`, `kafkas://` for TLS, a user and
// a password before the hosts for SASL, and `?sasl=plain|scram-sha-256|scram-sha-512` for which (plain by default).
import type { BaseOptions } from '@platformatic/kafka';
import { StartError } from '../../../platform/lifecycle.ts';

/** The part of the client's options that comes from the address. */
export type KafkaAddress = Pick<BaseOptions, 'bootstrapBrokers' | 'tls' | 'sasl'>;

const FORM = 'kafka://[user:password@]host:port[,host:port][?sasl=plain|scram-sha-256|scram-sha-512]';
const ADDRESS_PATTERN = /^kafka(s?):\/\/(?:([^:@/]*):([^@/]*)@)?([^/?@]+)\/?(?:\?sasl=([a-z0-9-]+))?$/;
const HOST_PATTERN = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 9_092;
const MECHANISMS = new Map([
  ['plain', 'PLAIN'],
  ['scram-sha-256', 'SCRAM-SHA-256'],
  ['scram-sha-512', 'SCRAM-SHA-512'],
] as const);

function isMechanism(name: string): name is 'plain' | 'scram-sha-256' | 'scram-sha-512' {
  return MECHANISMS.has(name as 'plain');
}

function refuse(): StartError {
  // The address is not repeated: it may hold a password.
  return new StartError(`CRM_BROKER_URL must be ${FORM}`);
}

function readHost(text: string): { host: string; port: number } {
  const [, host, port] = HOST_PATTERN.exec(text) ?? [];
  if (host === undefined) throw refuse();
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? DEFAULT_PORT : Number(port) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse();
  }
}

/** Takes the address of a Kafka cluster; throws StartError, which does not repeat it, where its form is wrong. */
export function readKafkaAddress(url: string): KafkaAddress {
  const [, secure, user, password, hosts, sasl = 'plain'] = ADDRESS_PATTERN.exec(url) ?? [];
  if (hosts === undefined || !isMechanism(sasl)) throw refuse();
  const mechanism = MECHANISMS.get(sasl);
  const withUser = user !== undefined && password !== undefined && mechanism !== undefined;
  return {
    bootstrapBrokers: hosts.split(',').map(readHost),
    ...(secure === 's' ? { tls: {} } : {}),
    ...(withUser ? { sasl: { mechanism, username: decode(user), password: decode(password) } } : {}),
  };
}
