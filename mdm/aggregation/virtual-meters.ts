/** Virtual meters by name: what they are made of is a fact that holds from its recording on, with who said it and why. */
import type { Clock } from '@wattline/base';
import { type AssetFacts, attributes, type Said } from '../assets/asset-facts.ts';
import { mdmError } from '../errors.ts';
import type { VirtualMeter } from './virtual-meter.ts';

/** A virtual meter with its name. */
export interface NamedVirtualMeter extends VirtualMeter {
  readonly id: string;
}

/** The names. */
export interface VirtualMeters {
  /** Defines a meter, or defines it anew. */
  define(meter: NamedVirtualMeter, said: Said): Promise<void>;
  /** Ends a meter: it is known no more, what was said of it stays in the audit. */
  end(id: string, said: Said): Promise<void>;
  list(): Promise<readonly NamedVirtualMeter[]>;
  /** @throws CodedError `mdm/unknown-virtual-meter` */
  expect(id: string): Promise<NamedVirtualMeter>;
}

const prefix = 'virtual-meter/';
const mostTerms = 1000;
const names = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;

/** Virtual meters over the facts; `hasChannel` says whether the registry knows one. */
export function createVirtualMeters({
  facts,
  clock,
  hasChannel,
}: {
  readonly facts: AssetFacts;
  readonly clock: Clock;
  readonly hasChannel: (channel: string) => Promise<boolean>;
}): VirtualMeters {
  const attribute = attributes.virtual;

  async function list(): Promise<NamedVirtualMeter[]> {
    const newest = new Map<string, VirtualMeter | null>();
    for (const fact of await facts.standing<VirtualMeter>(null, attribute))
      newest.set(fact.subject.slice(prefix.length), fact.value);
    return [...newest].flatMap(([id, meter]) => (meter ? [{ id, ...meter }] : [])).sort(byId);
  }

  async function expect(id: string): Promise<NamedVirtualMeter> {
    const found = (await facts.standing<VirtualMeter>(prefix + id, attribute)).at(-1)?.value;
    if (!found) throw mdmError('mdm/unknown-virtual-meter', id.slice(0, 60));
    return { id, ...found };
  }

  return {
    async define({ id, kind, terms }, said) {
      if (!names.test(id)) throw mdmError('mdm/bad-virtual-meter', `the name '${id.slice(0, 60)}'`);
      const isShaped = kind === 'ratio' ? terms.length === 2 : terms.length > 0 && terms.length <= mostTerms;
      if (!isShaped) throw mdmError('mdm/bad-virtual-meter', `${kind} of ${terms.length} terms`);
      for (const { channel, numerator, denominator } of terms) {
        const isShare =
          Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator) && denominator > 0;
        if (!isShare) throw mdmError('mdm/bad-virtual-meter', `the share ${numerator}/${denominator}`);
        if (!(await hasChannel(channel))) throw mdmError('mdm/unknown-channel', channel, { channel });
      }
      const value = { kind, terms };
      await facts.record([{ subject: prefix + id, attribute, fromMs: clock.now(), value }], said);
    },
    async end(id, said) {
      await expect(id);
      await facts.record([{ subject: prefix + id, attribute, fromMs: clock.now(), value: null }], said);
    },
    list,
    expect,
  };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
