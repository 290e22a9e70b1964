/** Billing: tariffs in, bills out, every line explained. */
import type { Bill, BillExplanation, Tariff } from '@wattline/model';

/** The room's door. */
export interface Billing {
  /** Keeps a tariff version; the same id and version with another body is refused. */
  putTariff(tariff: Tariff): Promise<void>;
  tariff(id: string, version?: number): Promise<Tariff | undefined>;
  tariffs(): Promise<readonly Tariff[]>;
  /**
   * Computes the bill of a local month and keeps it as a new version when it differs from the last one.
   * The running month gives a `projection`. `nowMs` decides which.
   */
  run(usagePointId: string, month: string): Promise<Bill>;
  bills(usagePointId: string): Promise<readonly Bill[]>;
  bill(id: string): Promise<Bill | undefined>;
  explain(id: string): Promise<BillExplanation>;
  /** Computes the bill again from the readings as known then; equal bytes or a coded error that says what differs. */
  replay(id: string): Promise<{ readonly isSame: boolean; readonly bill: Bill }>;
}
