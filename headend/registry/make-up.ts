/** What a meter is made of, as it tells itself. */

/** A logical device of the physical one. */
export interface LogicalDeviceRow {
  readonly sap: number;
  readonly name: string;
}

/** An application association; `unknown` what the meter did not tell. */
export interface AssociationRow {
  readonly obis: string;
  readonly clientSap: number;
  readonly serverSap: number;
  readonly context: string;
  readonly mechanism: string;
  /** Objects its client may know of; null when only that client is told. */
  readonly objects: number | null;
}

/** A meter's make-up. */
export interface MakeUp {
  readonly logicalDevices: readonly LogicalDeviceRow[];
  readonly associations: readonly AssociationRow[];
  /** Active firmware identifier; null when the reader may not see it. */
  readonly firmware: string | null;
}
