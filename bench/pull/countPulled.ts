// What is in the database after a pull: customers and what was told of them, each compared with its row of the source.
import { openSyncDatabase } from '../../sync/connectors/run/sourceStates.ts';
import { isBrokenRow } from './pullSource.ts';

/** What there is. */
export interface PulledCounts {
  /** Customers in the database, and how many of them were written more than once. */
  readonly customers: number;
  readonly changedAgain: number;
  /** Customers that are not what their row says, or have no row that is whole. */
  readonly wrong: number;
  /** Events of them in the outbox. */
  readonly events: number;
}

interface StoredCustomer {
  readonly externalRef: { readonly source: string; readonly id: string };
  readonly displayName: string;
  readonly email: string | null;
  readonly defaultAddress: { readonly city: string | null; readonly countryCode: string } | null;
  readonly version: number;
}

const READ = { externalRef: 1, displayName: 1, email: 1, defaultAddress: 1, version: 1 };

function isRight({ externalRef, displayName, email, defaultAddress: address }: StoredCustomer): boolean {
  const number = Number(externalRef.id);
  return (
    !isBrokenRow(number) &&
    externalRef.source === 'shop' &&
    displayName === `Customer, ${number}` &&
    email === `c${number}@example.com` &&
    address?.city === `Town ${number % 500}` &&
    address.countryCode === 'DE'
  );
}

/** Takes the server's URI and the prefix of the databases; reads all that was pulled, and gives what there is. */
export async function countPulled(uri: string, prefix: string): Promise<PulledCounts> {
  const connection = await openSyncDatabase(uri, prefix);
  try {
    const database = connection.useDb(`${prefix}_customers`);
    const found = { customers: 0, changedAgain: 0, wrong: 0 };
    const numbers = new Set<string>();
    for await (const customer of database.collection<StoredCustomer>('customers').find({}, { projection: READ })) {
      numbers.add(customer.externalRef.id);
      found.customers += 1;
      if (customer.version !== 1) found.changedAgain += 1;
      if (!isRight(customer)) found.wrong += 1;
    }
    found.wrong += found.customers - numbers.size;
    return { ...found, events: await database.collection('outbox').countDocuments({}) };
  } finally {
    await connection.close();
  }
}
