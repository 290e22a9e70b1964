/** Where a make keeps what the signer's scripts work on, as data: one row for each companion profile. */

/** Logical names of one companion profile. */
export interface MeterObjects {
  /** Security setups (class 64) of the client that reads and of the management client, which also takes the master key. */
  readonly securitySetup: { readonly reader: string; readonly management: string };
  readonly imageTransfer: string;
  /** Data object that names the active firmware; its version is what the manifest says. */
  readonly firmwareVersion: string;
  readonly activityCalendar: string;
  readonly loadProfile: string;
  readonly pushSetup: string;
  /** Script that ends the demand period (class 9), and its number in the table. */
  readonly demandReset: { readonly obis: string; readonly script: number };
  readonly displayText: string;
  /** Code for the customer's own devices, at the consumer interface. */
  readonly demandResponse: string;
}

/** The codes of IEC 62056-6-1 and the Blue Book, which most makes follow. */
const usual: MeterObjects = {
  securitySetup: { management: '0.0.43.0.0.255', reader: '0.0.43.0.1.255' },
  imageTransfer: '0.0.44.0.0.255',
  firmwareVersion: '1.0.0.2.0.255',
  activityCalendar: '0.0.13.0.0.255',
  loadProfile: '1.0.99.1.0.255',
  pushSetup: '0.0.25.9.0.255',
  demandReset: { obis: '0.0.10.0.1.255', script: 1 },
  displayText: '0.0.96.13.0.255',
  demandResponse: '0.0.96.13.1.255',
};

const byProfile: Readonly<Record<string, MeterObjects>> = {
  is15959: { ...usual, securitySetup: { management: '0.0.43.0.0.255', reader: '0.0.43.0.2.255' } },
};

/** The objects of a companion profile; those of the standard when it has no row. */
export function meterObjectsOf(profile: string | undefined): MeterObjects {
  return (
    (profile !== undefined && Object.hasOwn(byProfile, profile) ? byProfile[profile] : undefined) ?? usual
  );
}
