// The two ways in which a store fails its reader. Neither sentence holds an address or a path: both are shown to whoever
// asks the gateway for its health. What went wrong beneath is the cause, for the log.

/** Nothing could be read: the store is away, or refuses us. Worth trying again. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
}

/** Something was read that must not be used: damaged, cut off, not what its hash says, not signed as it has to be. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
  /** What people are shown of the artifact's hash, where it is about one. */
  readonly hash: string | undefined;

  constructor(message: string, hash?: string) {
    super(message);
    this.hash = hash;
  }
}
