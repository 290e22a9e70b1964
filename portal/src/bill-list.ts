/** Which of a customer's bill versions are shown: the newest of each month. */
import type { Bill } from '@wattline/model';

/** The newest version of each month, newest month first. Older versions stay in the API. */
export function latestBills(bills: readonly Bill[]): Bill[] {
  const byMonth = new Map<string, Bill>();
  for (const bill of bills) {
    const known = byMonth.get(bill.month);
    if (!known || bill.version > known.version) byMonth.set(bill.month, bill);
  }
  return [...byMonth.values()].sort((a, b) => b.month.localeCompare(a.month));
}
