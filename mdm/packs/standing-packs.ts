/** Which rule pack judges a day of a point: the one told of the point, else of the utility, else the one that was configured. */
import { type AssetFact, type AssetFacts, attributes } from '../assets/asset-facts.ts';
import { mdmError } from '../errors.ts';
import type { MdmPolicy } from '../policy.ts';
import { policyOf, type RulePack, rulePackOf } from './index.ts';

/** The subject of what is true of all points that nothing else was told of. */
export const wholeUtility = 'utility';

/** Packs over time, kept in memory: most utilities have one. */
export class StandingPacks {
  private readonly facts: AssetFacts;
  readonly configured: RulePack;
  private readonly own: Partial<MdmPolicy>;
  private readonly policies = new Map<string, MdmPolicy>();
  private bySubject: ReadonlyMap<string, readonly AssetFact<string>[]> = new Map();
  private limits: ReadonlyMap<string, readonly AssetFact<number>[]> = new Map();

  private constructor(facts: AssetFacts, configured: RulePack, own: Partial<MdmPolicy>) {
    this.facts = facts;
    this.configured = configured;
    this.own = own;
  }

  static async open(
    facts: AssetFacts,
    configured: RulePack,
    own: Partial<MdmPolicy>,
  ): Promise<StandingPacks> {
    const packs = new StandingPacks(facts, configured, own);
    await packs.reload();
    return packs;
  }

  /** Reads the facts that stand. */
  async reload(): Promise<void> {
    const standing = await this.facts.standing<string>(null, attributes.rulePack);
    this.bySubject = Map.groupBy(standing, ({ subject }) => subject);
    const limits = await this.facts.standing<number>(null, attributes.serviceLimit);
    this.limits = Map.groupBy(limits, ({ subject }) => subject);
  }

  /** The pack of a point at an instant, UTC seconds. */
  packAt(usagePointId: string, second: number): RulePack {
    if (this.bySubject.size === 0) return this.configured;
    const told = (subject: string) =>
      this.bySubject.get(subject)?.findLast(({ fromMs }) => fromMs / 1000 <= second)?.value;
    const id = told(`usage-point/${usagePointId}`) ?? told(wholeUtility);
    return (id ? rulePackOf(id) : undefined) ?? this.configured;
  }

  /** What the service of a point can carry, W, where it was told. */
  private limitAt(usagePointId: string, second: number): number | null {
    const told = this.limits.get(`usage-point/${usagePointId}`);
    return told?.findLast(({ fromMs }) => fromMs / 1000 <= second)?.value ?? null;
  }

  /** Its settings, with the operator's own over them and the limit of its service over both. */
  policyAt(usagePointId: string, second: number): MdmPolicy {
    const pack = this.packAt(usagePointId, second);
    const policy = this.policies.getOrInsertComputed(pack.id, () => policyOf(pack, this.own));
    const serviceLimitW = this.limits.size === 0 ? null : this.limitAt(usagePointId, second);
    if (serviceLimitW === null) return policy;
    const key = `${pack.id} ${serviceLimitW}`;
    return this.policies.getOrInsertComputed(key, () => ({ ...policy, serviceLimitW }));
  }
}

/** The pack of an id. @throws CodedError `mdm/unknown-rule-pack` */
export function expectRulePack(id: string): RulePack {
  const pack = rulePackOf(id);
  if (!pack) throw mdmError('mdm/unknown-rule-pack', id, { rulePack: id });
  return pack;
}
