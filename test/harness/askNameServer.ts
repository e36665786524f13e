// Loaded into a process before anything else (`--import`): names are resolved by the name server of a test, whose port
// stands in NAME_SERVER_PORT, and not by the system. Only the resolver is exchanged; who asks it, when, and what becomes
// of the answer is the process's own doing.
import dns, { Resolver, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { inheritedEnvironment } from '../../platform/config.ts';

type Callback = (
  error: NodeJS.ErrnoException | null,
  address?: string | readonly LookupAddress[],
  family?: number,
) => void;

const resolver = new Resolver({ timeout: 10_000, tries: 1 });
resolver.setServers([`127.0.0.1:${inheritedEnvironment()['NAME_SERVER_PORT'] ?? ''}`]);

function lookup(name: string, options: LookupOptions | number | Callback, after?: Callback): void {
  const done = typeof options === 'function' ? options : after;
  const all = typeof options === 'object' && options.all === true;
  if (done === undefined) throw new TypeError('a lookup needs a callback');
  const give = (addresses: readonly string[]): void => {
    const found = addresses.map((address) => ({ address, family: 4 }));
    if (all) done(null, found);
    else done(null, found[0]?.address ?? '', 4);
  };
  if (isIP(name) !== 0) {
    process.nextTick(give, [name]);
    return;
  }
  resolver.resolve4(name, (error, addresses) => {
    // The system's resolver calls every failure by these two names.
    if (error === null) give(addresses);
    else done(Object.assign(error, { code: error.code === 'ENOTFOUND' ? 'ENOTFOUND' : 'EAI_AGAIN' }));
  });
}

Object.assign(dns, { lookup });
