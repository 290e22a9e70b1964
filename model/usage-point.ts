/** The grid's and the customer's side of a meter, in CIM words (IEC 61968-9): usage point, meter, transformer. */

/** Where supply is given and measured. */
export interface UsagePoint {
  readonly id: string;
  /** Customer's name (invented in the virtual town). */
  readonly customer: string;
  readonly address: string;
  readonly kind: 'home' | 'shop' | 'public';
  /** IANA zone in which days, tariffs and bills of this point are reckoned. */
  readonly zone: string;
  readonly substation: string;
  readonly feeder: string;
  readonly transformer: string;
  readonly tariffId: string;
  /** Rated solar power behind the meter in W, 0 when none. */
  readonly solarW: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** A meter as the head-end knows it. Keys are kept apart. */
export interface Meter {
  /** Serial number as printed on the meter; unique. */
  readonly serial: string;
  readonly usagePointId: string;
  readonly make: string;
  /** Companion profile by name: `demo`, `generic`, `idis`... */
  readonly profile: string;
  /** System title, 16 hexadecimal digits. */
  readonly systemTitle: string;
  readonly host: string;
  readonly port: number;
  /** Capture period of load profile 1, seconds. */
  readonly intervalSeconds: number;
  readonly installedAtMs: number;
  /** Concentrator, cell or gateway it is reached through, when it shares one with others. */
  readonly route?: string;
  /** What carries DLMS to it; the wrapper over TCP when left out. */
  readonly link?: 'tcp' | 'udp' | 'hdlc' | 'mode-e';
  /** Type designation of its maker. */
  readonly model?: string;
  /** Clients with rights of their own: 1 for makes whose one client reads and switches alike, which the signer reads; 2 when left out. */
  readonly clients?: 1 | 2;
  /** Security suite of all its associations, 0 when left out. */
  readonly suite?: 0 | 1 | 2;
}

/** Global unicast encryption key and authentication key of a client, hexadecimal, 32 digits, 64 in suite 2. */
export interface ClientKeys {
  readonly ek: string;
  readonly ak: string;
}

/** A row of the provisioning file: a meter, its usage point and its secrets. Written by the shipper, read by the head-end. */
export interface MeterShipment {
  readonly meter: Meter;
  readonly usagePoint: UsagePoint;
  /** The meter whose place this one took when it was installed, and what the registers of both stood at then; a pair or nothing. */
  readonly replaces?: {
    readonly serial: string;
    readonly finalDeliveredWh?: number;
    readonly initialDeliveredWh?: number;
    readonly finalReceivedWh?: number;
    readonly initialReceivedWh?: number;
  };
  /**
   * A meter with one client has no keys of a reader: its rows leave them out. Those of the management client, and the master key under which new keys go to the meter, are for the signer alone: the head-end's
   * copy of the file goes without them, and it keeps none.
   */
  readonly keys: {
    readonly reader: ClientKeys;
    readonly management?: ClientKeys;
    /** Key encryption key, hexadecimal, 32 digits, 64 in suite 2. */
    readonly master?: { readonly kek: string };
  };
}
