/** `wattline headend campaign sign|start|status|halt|report`: an image from its maker to the last meter. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import { type FirmwareParameters, isFirmware, signManifest } from '@wattline/headend';
import type { CampaignItem, CampaignReport, Page } from '@wattline/model';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { readPersonKey } from '../person-key.ts';
import { exitCodes } from './exit-codes.ts';
import { postJson } from './headend-job.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { positiveNumber, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface SignFlags {
  readonly image: string;
  readonly imageVersion: string;
  readonly hardware: readonly string[];
  readonly maker: string;
  readonly keyFile: string;
  readonly out: string;
  readonly json?: true;
}

interface StartFlags extends ServerFlags {
  readonly image: string;
  readonly manifest: string;
  readonly id?: string;
  readonly by: string;
  readonly reason: string;
  readonly tenant: string;
  readonly soakHours?: number;
  readonly silentHours?: number;
  readonly canary?: number;
}

export function addCampaignRun(campaign: Command, shell: Shell): void {
  addSign(campaign, shell);
  addStart(campaign, shell);
  withServer(campaign.command('status [id]'))
    .description('campaigns, or one with its stages and the activations that wait for people')
    .addHelpText('after', '\nExample:\n  wattline headend campaign status')
    .action(async (id: string | undefined, flags: ServerFlags) => {
      const server = findServer(flags);
      const items =
        id === undefined
          ? (await server.get<Page<CampaignItem>>('campaigns')).items
          : [await server.get<CampaignReport>(pathOf(id))];
      if (flags.json) printJson(shell, id === undefined ? { items } : items[0]);
      else shell.out(items.length === 0 ? 'no campaigns' : items.map(renderCampaign).join('\n\n'));
    });
  withServer(campaign.command('halt <id>'))
    .description('stop a campaign: what is not sealed is cancelled; needs nobody’s signature')
    .requiredOption('--by <person>', 'who stops it')
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      '\nExample:\n  wattline headend campaign halt clock-fix --by ben --reason "the maker called"',
    )
    .action(async (id: string, { by, reason, ...flags }: ServerFlags & { by: string; reason: string }) => {
      const report = await postJson<CampaignReport>(findServer(flags), `${pathOf(id)}/halt`, { by, reason });
      if (flags.json) printJson(shell, report);
      else shell.out(renderCampaign(report));
    });
  withServer(campaign.command('report <id>'))
    .description('every meter of a campaign; 1 when it was halted or left meters out')
    .addHelpText('after', '\nExample:\n  wattline headend campaign report clock-fix')
    .action(async (id: string, flags: ServerFlags) => {
      const report = await findServer(flags).get<CampaignReport>(pathOf(id));
      if (flags.json) printJson(shell, report);
      else shell.out(`${renderCampaign(report)}\n\n${renderMeters(report)}`);
      const isWell = report.state !== 'halted' && report.stages.every(({ failed }) => failed === 0);
      if (!isWell) shell.end(exitCodes.failed);
    });
}

function addSign(campaign: Command, shell: Shell): void {
  campaign
    .command('sign')
    .description('sign the manifest of an image as its maker; run it where the maker’s key is')
    .requiredOption('--image <file>', 'the image as the meters take it')
    .requiredOption(
      '--image-version <text>',
      'version that meters tell once it runs; also the name of the image',
    )
    .requiredOption('--hardware <make...>', 'makes of meters it is made for, as their shipment says')
    .requiredOption('--maker <id>', 'who signs: enrolled at the signer with the role maker')
    .requiredOption('--key-file <file>', 'private key of the maker, Ed25519 in PEM')
    .requiredOption('--out <file>', 'where to write the signed manifest')
    .option('--json', 'print the manifest as JSON')
    .addHelpText(
      'after',
      `
Example:
  wattline headend campaign sign --image fw.bin --image-version 2.0.0 --hardware "Wattline virtual meter" \\
    --maker acme --key-file acme.pem --out fw.json`,
    )
    .action((flags: SignFlags) => {
      const image = readOctets(flags.image);
      const manifest = {
        image: flags.imageVersion,
        version: flags.imageVersion,
        hardware: flags.hardware,
        octets: image.length,
        digest: createHash('sha256').update(image).digest('hex'),
      };
      const signed = { ...signManifest(manifest, readPersonKey(flags.keyFile)), maker: flags.maker };
      try {
        writeFileSync(flags.out, `${JSON.stringify(signed, null, 1)}\n`);
      } catch (error) {
        throw serverError('server/no-file', `${flags.out} cannot be written: ${messageOf(error)}`);
      }
      if (flags.json) printJson(shell, signed);
      else shell.out(`${manifest.octets} octets, version ${manifest.version}, signed by ${flags.maker}`);
    });
}

function addStart(campaign: Command, shell: Shell): void {
  withServer(campaign.command('start'))
    .description('start a campaign: the canary has the image soon, and its activation waits for two people')
    .requiredOption('--image <file>', 'the image')
    .requiredOption('--manifest <file>', 'its manifest, signed by its maker')
    .option('--id <text>', 'idempotency key: the same id is the same campaign for ever; default: a new one')
    .requiredOption('--by <person>', 'who starts it')
    .requiredOption('--reason <text>', 'why; part of what is signed')
    .option('--tenant <name>', 'whose meters', 'utility')
    .option('--soak-hours <number>', 'hours a stage is watched; default 72', positiveNumber)
    .option(
      '--silent-hours <number>',
      'hours without contact that count as silence; default 24',
      positiveNumber,
    )
    .option(
      '--canary <meters>',
      'meters of the canary; default what statistics ask for',
      wholeNumber(1, 100_000),
    )
    .addHelpText(
      'after',
      `
The image goes to meters as soon as its maker's signature is proved; what runs is changed only by activations that two
people signed (wattline headend job approve <key>). It stops by itself when meters with the image fall silent, restart or
lose supply more often than those without.

Example:
  wattline headend campaign start --image fw.bin --manifest fw.json --id clock-fix --by asha --reason "fixes the clock"`,
    )
    .action(async ({ image, manifest, canary, ...flags }: StartFlags) => {
      const report = await postJson<CampaignReport>(findServer(flags), 'campaigns', {
        id: flags.id ?? randomUUID(),
        firmware: readManifest(manifest),
        image: Buffer.from(readOctets(image)).toString('base64'),
        tenant: flags.tenant,
        requestedBy: flags.by,
        reason: flags.reason,
        soakHours: flags.soakHours ?? null,
        silentHours: flags.silentHours ?? null,
        canaryMeters: canary ?? null,
      });
      if (flags.json) printJson(shell, report);
      else shell.out(renderCampaign(report));
    });
}

function pathOf(id: string): string {
  return `campaigns/${encodeURIComponent(id)}`;
}

function readOctets(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw serverError('server/no-file', `the file ${path} cannot be read: ${messageOf(error)}`, { path });
  }
}

function readManifest(path: string): FirmwareParameters {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(readOctets(path)).toString('utf8'));
  } catch (error) {
    throw serverError('server/bad-usage', `${path}: expected a manifest as JSON: ${messageOf(error)}`, {
      path,
    });
  }
  if (isFirmware(value)) return value;
  throw serverError('server/bad-usage', `${path}: expected manifest, signature and maker`, { path });
}

function renderCampaign(item: CampaignItem): string {
  const { id, state, reason, version, stages, stage, waiting, alarmAt } = item;
  const rows = stages.map((one, i) => [
    state === 'running' && i === stage ? `> ${one.name}` : `  ${one.name}`,
    ...[one.meters, one.waiting, one.transferred, one.activated, one.failed].map(String),
  ]);
  return [
    `campaign ${id}: ${version}, ${state}${reason === null ? '' : `: ${reason}`}`,
    renderTable(['stage', 'meters', 'without', 'verified', 'running it', 'left out'], rows),
    `${alarmAt} harmed meters stop the canary`,
    ...waiting.map(
      (key) => `waits for people: wattline headend job approve ${key} --person ... --key-file ...`,
    ),
  ].join('\n');
}

function renderMeters({ meters, stages }: CampaignReport): string {
  const rows = meters.map(({ serial, stage, state, attempts, code, activated, progress }) => [
    serial,
    stages[stage]?.name ?? '',
    progress ? `block ${progress.done} of ${progress.of}` : state,
    String(attempts),
    activated ?? '',
    code ?? '',
  ]);
  return renderTable(['meter', 'stage', 'state', 'failures', 'runs it since', 'why'], rows);
}
