// The commands that are about the server itself and its sessions. It says it is a mongos, so that a driver's sessions
// and transactions work with a plain URI.
import { Binary } from 'bson';
import { systemClock } from '../../platform/clock.ts';
import { DOCUMENT_BYTES_MAX } from '../values/bsonCodec.ts';
import { isDoc } from '../values/kinds.ts';
import { MESSAGE_BYTES_MAX } from '../wire/message.ts';
import { type Command, listField } from './command.ts';

/** The wire version of MongoDB 7.0: what this server's commands are a part of. */
const WIRE_VERSION_MAX = 21;
const VERSION = '7.0.0';

/** hello, isMaster, ismaster. */
export const hello: Command = ({ connectionId }) => ({
  isWritablePrimary: true,
  ismaster: true,
  helloOk: true,
  msg: 'isdbgrid',
  maxBsonObjectSize: DOCUMENT_BYTES_MAX,
  maxMessageSizeBytes: MESSAGE_BYTES_MAX,
  maxWriteBatchSize: 100_000,
  localTime: systemClock.now(),
  logicalSessionTimeoutMinutes: 30,
  connectionId,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION_MAX,
  readOnly: false,
  ok: 1,
});

export const ping: Command = () => ({ ok: 1 });

export const buildInfo: Command = () => ({
  version: VERSION,
  versionArray: [7, 0, 0, 0],
  gitVersion: 'embedded',
  modules: ['embedded'],
  storageEngines: ['sqlite'],
  javascriptEngine: 'none',
  bits: 64,
  debug: false,
  maxBsonObjectSize: DOCUMENT_BYTES_MAX,
  ok: 1,
});

export const serverStatus: Command = ({ cursors, connectionId, steadyMs }) => ({
  host: 'embedded',
  version: VERSION,
  process: 'embedded-mongo',
  uptime: Math.round(steadyMs() / 1000),
  localTime: systemClock.now(),
  connections: { current: connectionId },
  metrics: { cursor: { open: { total: cursors.size } } },
  ok: 1,
});

export const connectionStatus: Command = () => ({
  authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
  ok: 1,
});

export const endSessions: Command = ({ body, sessions, cursors }) => {
  for (const ended of listField(body, 'endSessions')) {
    const id = isDoc(ended) ? ended['id'] : undefined;
    if (!(id instanceof Binary)) continue;
    const session = Buffer.from(id.buffer).toString('hex');
    sessions.end(session);
    cursors.closeOfSession(session);
  }
  return { ok: 1 };
};

export const commitTransaction: Command = ({ sessions, sessionFields }) => {
  sessions.commit(sessionFields);
  return { ok: 1 };
};

export const abortTransaction: Command = ({ sessions, sessionFields }) => {
  sessions.abort(sessionFields);
  return { ok: 1 };
};
