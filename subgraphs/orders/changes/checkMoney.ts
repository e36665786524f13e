// Checks of what orders count: money, quantities. Each gives undefined, or a sentence that the client may read.
import type { Fault } from '../../kit/write/checkInput.ts';

/** The largest amount in minor units; far enough below 2^53 that sums of many orders stay exact. */
const AMOUNT_MINOR_MAX = 1e13;
const QUANTITY_MAX = 10_000;

/** An amount as a mutation gets it. */
export interface MoneyInput {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Checks an amount in minor units. */
export function checkAmount(name: string, amountMinor: number): Fault {
  if (amountMinor >= 0 && amountMinor <= AMOUNT_MINOR_MAX) return undefined;
  return `${name} must be from 0 to ${AMOUNT_MINOR_MAX}.`;
}

/** Checks a currency as ISO 4217 has it. */
export function checkCurrency(currency: string): Fault {
  return /^[A-Z]{3}$/.test(currency) ? undefined : 'currency is three capital letters (ISO 4217).';
}

/** Checks money: its amount and its currency. */
export function checkMoney(name: string, { amountMinor, currency }: MoneyInput): Fault {
  return checkAmount(name, amountMinor) ?? checkCurrency(currency);
}

/** Checks a quantity. */
export function checkQuantity(quantity: number): Fault {
  return quantity >= 1 && quantity <= QUANTITY_MAX ? undefined : `quantity must be from 1 to ${QUANTITY_MAX}.`;
}

/** Checks how many elements a list has. */
export function checkCount(name: string, count: number, bounds: { min: number; max: number }): Fault {
  return count >= bounds.min && count <= bounds.max
    ? undefined
    : `${name} has ${bounds.min} to ${bounds.max} elements.`;
}
