// What a fault run's clients were told is true: by it the auditor judges the databases. One writer owns each customer, so
// what was acknowledged last is what must be there.

/** A customer as the last acknowledgement left it. */
export interface TrueCustomer {
  readonly id: string;
  name: string;
  version: number;
  /** Into whom it was merged. */
  mergedInto: TrueCustomer | undefined;
}

/** An order as the last acknowledgement left it. */
export interface TrueOrder {
  readonly id: string;
  readonly number: string;
  readonly customer: TrueCustomer;
  readonly totalMinor: number;
  version: number;
  status: 'PLACED' | 'PAID' | 'CANCELLED';
  payments: number;
}

/** All that was acknowledged. */
export class Truth {
  readonly customers: TrueCustomer[] = [];
  readonly orders: TrueOrder[] = [];
  /** How many mutations. */
  acknowledged = 0;
  /** How often one was sent again because its answer said nothing sure. */
  repeated = 0;
}

/** Follows mergers; gives the customer that is left. */
export function keptOf(customer: TrueCustomer): TrueCustomer {
  let kept = customer;
  while (kept.mergedInto !== undefined) kept = kept.mergedInto;
  return kept;
}
