// The working tree as the page shows it: composed anew when one of its files has changed.
import { dirname, basename, resolve } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { composeContractSdls } from '../../page/contractSdls.ts';
import { PageFault } from '../../page/pageSources.ts';
import type { ShownSchema } from '../../page/schemaIndex.ts';
import { hashOf } from '../../store/release.ts';
import { checkContracts } from '../../supergraph/readContracts.ts';
import { checkWorkingTree } from '../checkWorkingTree.ts';
import { composeSupergraph } from '../compose.ts';
import { openFolder } from '../load/schemaSource.ts';
import { checkSupergraphFile, RegistryError } from '../readSupergraphFile.ts';

/** A second look within this time finds what the first one found. */
const LOOKED_FRESH_MS = 1_000;
const CONTRACTS_FILE = 'contracts.yaml';
const MEND = 'Mend it and save: the page takes it up by itself. crm-graph schema check says more.';

/** The working tree of a supergraph.yaml. */
export class TreeSources {
  readonly #root: string;
  readonly #config: string;
  #known: { readonly hash: string; readonly shown: ShownSchema } | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<ShownSchema> | undefined;

  constructor(configPath: string) {
    this.#root = dirname(resolve(configPath));
    this.#config = basename(configPath);
  }

  /** Rejects with PageFault that says what does not compose. */
  schema(): Promise<ShownSchema> {
    if (this.#known !== undefined && systemClock.steadyMs() - this.#lookedMs < LOOKED_FRESH_MS) {
      return Promise.resolve(this.#known.shown);
    }
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Checks the working tree against where its branch began; gives the report. Rejects with PageFault. */
  async checkNow(): Promise<unknown> {
    const thresholds = { days: 30, countMax: 0, percentMax: 0, excluded: [] };
    const strictness = { dangerousAsBreaking: false, enumAsBreaking: false, unionAsBreaking: false, strict: false };
    try {
      const { report } = await checkWorkingTree({
        root: this.#root,
        files: { config: this.#config, contracts: CONTRACTS_FILE },
        base: { ref: undefined, folder: undefined, published: undefined },
        ...{ contract: undefined, operations: [], usage: undefined, thresholds, strictness, allLint: false },
        approvals: 'schema-approvals.yaml',
        now: systemClock.now(),
      });
      return report;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      throw new PageFault(`It cannot be checked: ${error.faults.join('; ')}.`, 'Mend that, and check again.');
    }
  }

  async #look(): Promise<ShownSchema> {
    try {
      const source = openFolder(this.#root, this.#root);
      const config = (await source.read(this.#config)) ?? '';
      const contracts = (await source.read(CONTRACTS_FILE)) ?? '';
      const texts = [config, contracts];
      for (const { schemaPath } of checkSupergraphFile(config, this.#config)) {
        texts.push((await source.read(schemaPath)) ?? '');
      }
      const hash = hashOf(JSON.stringify(texts));
      if (this.#known?.hash !== hash) this.#known = { hash, shown: await this.#compose(hash, contracts) };
      this.#lookedMs = systemClock.steadyMs();
      return this.#known.shown;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      throw new PageFault(`The working tree cannot be read: ${error.faults.join('; ')}.`, MEND);
    }
  }

  async #compose(hash: string, contractsText: string): Promise<ShownSchema> {
    const composed = await composeSupergraph(resolve(this.#root, this.#config));
    if (!composed.ok) throw new PageFault(`The working tree does not compose: ${composed.messages.join('; ')}`, MEND);
    const { supergraph } = composed;
    const checked = contractsText === '' ? { value: new Map<string, never>() } : checkContracts(contractsText);
    const contracts = composeContractSdls(supergraph, 'value' in checked ? checked.value : new Map<string, never>());
    return { hash, name: 'The working tree', supergraph, contracts };
  }
}
