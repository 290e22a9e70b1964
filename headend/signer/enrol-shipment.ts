/** Splits a shipment: management and master keys go into the enrolment under the signer's key file, the rest is what the head-end gets. */
import { fromHex } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import type { KeyVault } from '../keys/key-vault.ts';
import { isPublishedKey } from '../keys/published-keys.ts';
import { parseCsv } from '../registry/csv-rows.ts';
import { readShipment } from '../registry/shipment.ts';
import { type EnrolledMeter, type EnrolmentFile, enrolMeter } from './enrolment.ts';

/** What enrolling is given. */
export interface EnrolOptions {
  readonly file: EnrolmentFile;
  readonly vault: KeyVault;
  /** Tenant of meters that are new. */
  readonly tenant: string;
  /** Declared load of new meters by kind of premises, W: the shipment does not say it, and the limits in MW count with it. */
  readonly loadW: Readonly<Record<MeterShipment['usagePoint']['kind'], number>>;
}

/** What becomes of a shipment. */
export interface EnrolledShipment {
  readonly file: EnrolmentFile;
  /** The shipment in the format it came in, without a management key in it. */
  readonly stripped: string;
  readonly enrolled: number;
  /** Rows without management keys: the signer will know nothing of these meters. */
  readonly without: number;
  /** Rows whose management keys are a published example or stand twice; the head-end refuses rows for other reasons itself. */
  readonly refused: readonly { readonly row: number; readonly code: string }[];
}

/** Declared loads when nothing else is said. */
export const defaultLoadW: EnrolOptions['loadW'] = { home: 5_000, shop: 10_000, public: 10_000 };

/**
 * Enrols every well-formed row that has management keys. What a person set before at the signer (tenant, declared load, life
 * support) stays; place, system title and keys follow the shipment.
 * @throws CodedError `headend/shipment-unreadable`
 */
export function enrolShipment(
  text: string,
  format: 'csv' | 'json',
  { file, vault, tenant, loadW }: EnrolOptions,
): EnrolledShipment {
  const meters = new Map(file.meters.map((meter) => [meter.serial, meter]));
  const owners = ownersOfKeys(file.meters, vault);
  const refused: { row: number; code: string }[] = [];
  let enrolled = 0;
  let without = 0;
  for (const { row, content } of readShipment(text, format)) {
    if (!content.ok) continue;
    const { meter, usagePoint, keys } = content.value;
    if (!keys.management) {
      without++;
      continue;
    }
    const { ek, ak } = keys.management;
    const master = keys.master && { master: fromHex(keys.master.kek) };
    const own = { ek: fromHex(ek), ak: fromHex(ak), ...master };
    const code = problemOf(Object.values(own), meter.serial, { owners, vault });
    if (code) {
      refused.push({ row, code });
      continue;
    }
    for (const key of Object.values(own)) owners.set(vault.printOf(key), meter.serial);
    const { substation, feeder, transformer } = usagePoint;
    const known = meters.get(meter.serial);
    const systemTitle = meter.systemTitle.toUpperCase();
    const hasOneClient = meter.clients === 1;
    const place = { substation, feeder, transformer, systemTitle, profile: meter.profile, hasOneClient };
    const facts = { tenant, loadW: loadW[usagePoint.kind], isLifeSupport: false, ...known };
    const { sealedMaster: _, ...rest } = { ...facts, ...place, serial: meter.serial };
    meters.set(meter.serial, enrolMeter(rest, { suite: meter.suite ?? 0, ...own }, vault));
    enrolled++;
  }
  const stripped = format === 'json' ? stripJson(text) : stripCsv(text);
  return { file: { ...file, meters: [...meters.values()] }, stripped, enrolled, without, refused };
}

function ownersOfKeys(meters: readonly EnrolledMeter[], vault: KeyVault): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { serial, sealed, sealedMaster } of meters) {
    const { ek, ak } = vault.open({ serial, client: 'management' }, sealed);
    for (const key of [ek, ak]) owners.set(vault.printOf(key), serial);
    if (sealedMaster === undefined) continue;
    owners.set(vault.printOf(vault.openKey({ serial, client: 'master' }, sealedMaster)), serial);
  }
  return owners;
}

function problemOf(
  keys: readonly Uint8Array[],
  serial: string,
  { owners, vault }: { readonly owners: ReadonlyMap<string, string>; readonly vault: KeyVault },
): string | undefined {
  if (keys.some(isPublishedKey)) return 'headend/key-default';
  const prints = keys.map((key) => vault.printOf(key));
  const isTaken = prints.some((print) => (owners.get(print) ?? serial) !== serial);
  return isTaken || new Set(prints).size < keys.length ? 'headend/key-reused' : undefined;
}

/** Under `keys` only the reader's pair is let through; any other name stays, without its value, to be refused by name. */
function stripJson(text: string): string {
  const rows = JSON.parse(text) as unknown[];
  return JSON.stringify(
    rows.map((row) => {
      if (typeof row !== 'object' || row === null) return null;
      const { keys, ...rest } = row as { readonly keys?: unknown };
      if (typeof keys !== 'object' || keys === null) return rest;
      const { reader, management: _, master: __, ...others } = keys as Record<string, unknown>;
      const emptied = Object.fromEntries(Object.keys(others).map((name) => [name, null]));
      return { ...rest, keys: { ...emptied, ...(reader === undefined ? {} : { reader }) } };
    }),
  );
}

const secretColumns = new Set(['managementEk', 'managementAk', 'masterKek']);

/** Without those columns; of a row that has not as many cells as the header only the first is kept, as a key may stand in any. */
function stripCsv(text: string): string {
  const [header = [], ...rows] = parseCsv(text);
  const kept = header.map((column) => !secretColumns.has(column.trim()));
  const strip = (cells: readonly string[]) =>
    cells.length === header.length ? cells.filter((_, i) => kept[i]) : cells.slice(0, 1);
  return [header, ...rows].map((cells) => strip(cells).map(csvCell).join(',')).join('\r\n');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
