// The use of the schema day by day, for who draws it: one connection, opened by the first question and kept.
import type { Connection } from 'mongoose';
import type { UsageExport } from '../contracts/usageExport.ts';
import type { GatewayDatabaseConfig } from '../platform/gatewayDatabase.ts';
import { connectForUsage, readUsageFrom, type UsagePeriod } from './mongoUsage.ts';

/** Reads periods of the gateway's database, one after another. */
export class UsageDays {
  readonly #config: GatewayDatabaseConfig;
  #connecting: Promise<Connection> | undefined;

  constructor(config: GatewayDatabaseConfig) {
    this.#config = config;
  }

  /** What was asked in a time. Rejects with StartError where no database answers. */
  async read(period: UsagePeriod): Promise<UsageExport> {
    this.#connecting ??= connectForUsage(this.#config).catch((error: unknown) => {
      // The next question tries again.
      this.#connecting = undefined;
      throw error;
    });
    return readUsageFrom(await this.#connecting, period);
  }

  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => undefined);
    await connection?.close();
  }
}
