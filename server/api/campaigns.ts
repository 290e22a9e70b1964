/** `campaigns`: firmware campaigns started, watched, halted; their activations are signed as every batch is. */
import { formatInstant } from '@wattline/base';
import {
  type Campaign,
  type CampaignDesk,
  type CampaignDetail,
  type CampaignStart,
  isFirmware,
  type VerdictRules,
} from '@wattline/headend';
import type { CampaignItem, CampaignReport, Page } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, named, nullable, pageOf, record, type Schema, text } from './schema/index.ts';

/** Octets of a request with an image in it: 16 MiB as base64, and the manifest. */
const mostOctets = 23 * 2 ** 20;
const id = text('Idempotency key of the campaign.', { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });
const person = (what: string) => text(what, { minLength: 1, maxLength: 200 });
const hours = (what: string) => nullable({ type: 'number', minimum: 0, maximum: 8760, description: what });

const startBody: Schema = record({
  id,
  firmware: { type: 'object', description: 'manifest, signature (Ed25519, base64), maker.' },
  image: text('The image, base64.'),
  tenant: person('Whose meters.'),
  requestedBy: person('Who starts it.'),
  reason: person('Why; part of what is signed.'),
  soakHours: hours('Hours a stage is watched after most of it has the image; null for 72.'),
  silentHours: hours('Hours without contact that count as silence; null for 24.'),
  canaryMeters: nullable(integer('Meters of the canary; null for what statistics ask for.', { minimum: 1 })),
});

interface StartBody extends Omit<CampaignStart, 'image' | 'rules' | 'canaryMeters'> {
  readonly image: string;
  readonly soakHours: number | null;
  readonly silentHours: number | null;
  readonly canaryMeters: number | null;
}

export function campaignRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const expectCampaigns = (): CampaignDesk => {
    if (system.commands) return system.commands.campaigns;
    throw serverError('server/no-signer', 'this stack runs without a signer: it can command nothing');
  };
  const detailOf = async (name: string): Promise<CampaignDetail> => {
    const detail = await expectCampaigns().detail(name);
    if (detail) return detail;
    throw serverError(
      'server/unknown-campaign',
      `expected the id of a campaign, found '${name.slice(0, 60)}'`,
    );
  };

  app.get(
    '/campaigns',
    describeRoute({
      id: 'listCampaigns',
      tag: 'commands',
      access: 'read',
      summary: 'Firmware campaigns, oldest first',
      response: pageOf(named('Campaign')),
      problems: [503],
    }),
    async (): Promise<Page<CampaignItem>> => {
      const campaigns = await expectCampaigns().list();
      const details = await Promise.all(campaigns.map((campaign) => detailOf(campaign.id)));
      return { items: details.map(toItem), next: null };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/campaigns/:id',
    describeRoute({
      id: 'getCampaign',
      tag: 'commands',
      access: 'read',
      summary: 'A firmware campaign with its stages and every meter of it',
      params: { id },
      response: named('CampaignReport'),
      problems: [400, 404, 503],
    }),
    async ({ params }): Promise<CampaignReport> => toReport(await detailOf(params.id)),
  );

  app.post<{ Body: StartBody }>(
    '/campaigns',
    {
      ...describeRoute({
        id: 'startCampaign',
        tag: 'commands',
        access: 'write',
        summary:
          'Starts a firmware campaign: canary, a tenth, all; activations wait for people as every batch does',
        body: startBody,
        response: named('CampaignReport'),
        problems: [400, 409, 413, 503],
      }),
      bodyLimit: mostOctets,
    },
    async ({ body }): Promise<CampaignReport> => {
      const { soakHours, silentHours, canaryMeters, image, ...start } = body;
      if (!isFirmware(start.firmware)) {
        throw serverError('server/bad-body', 'expected firmware with manifest, signature and maker', {
          field: 'firmware',
        });
      }
      await expectCampaigns().start({
        ...start,
        image: new Uint8Array(Buffer.from(image, 'base64')),
        rules: rulesOf({ soakHours, silentHours }),
        ...(canaryMeters === null ? {} : { canaryMeters }),
      });
      return toReport(await detailOf(start.id));
    },
  );

  app.post<{ Params: { id: string }; Body: { by: string; reason: string } }>(
    '/campaigns/:id/halt',
    describeRoute({
      id: 'haltCampaign',
      tag: 'commands',
      access: 'write',
      summary: 'Halts a firmware campaign; needs nobody’s signature, and nothing goes on by itself',
      params: { id },
      body: record({ by: person('Who halts it.'), reason: person('Why.') }),
      response: named('CampaignReport'),
      problems: [400, 404, 503],
    }),
    async ({ params, body }): Promise<CampaignReport> => {
      await detailOf(params.id);
      await expectCampaigns().halt(params.id, body.by, body.reason);
      return toReport(await detailOf(params.id));
    },
  );
}

const hourMs = 3_600_000;

function rulesOf(of: {
  readonly soakHours: number | null;
  readonly silentHours: number | null;
}): Partial<VerdictRules> {
  const { soakHours, silentHours } = of;
  return {
    ...(soakHours === null ? {} : { soakMs: Math.round(soakHours * hourMs) }),
    ...(silentHours === null ? {} : { silentMs: Math.round(silentHours * hourMs) }),
  };
}

function toItem({ campaign, meters, waiting }: CampaignDetail): CampaignItem {
  const { terms, state, reason, stage, alarmAt } = campaign;
  const { manifest, maker } = terms.firmware;
  return {
    ...{ id: campaign.id, state, reason, stage, alarmAt, waiting, maker },
    version: manifest.version,
    hardware: manifest.hardware,
    requestedBy: terms.requestedBy,
    stages: stagesOf(campaign, meters),
    created: formatInstant(campaign.createdMs),
    updated: formatInstant(campaign.updatedMs),
  };
}

function stagesOf({ stages }: Campaign, meters: CampaignDetail['meters']): CampaignItem['stages'] {
  return stages.map((name, stage) => {
    const own = meters.filter((meter) => meter.stage === stage);
    const count = (state: string) => own.filter((meter) => meter.state === state).length;
    return {
      ...{ name, meters: own.length, waiting: count('waiting'), transferred: count('transferred') },
      ...{ activated: count('activated'), failed: count('failed') },
    };
  });
}

function toReport(detail: CampaignDetail): CampaignReport {
  return {
    ...toItem(detail),
    meters: detail.meters.map(({ serial, stage, state, attempts, code, activated_ms }) => ({
      ...{ serial, stage, state, attempts, code },
      activated: activated_ms === null ? null : formatInstant(activated_ms),
      progress: detail.progress.get(serial) ?? null,
    })),
  };
}
