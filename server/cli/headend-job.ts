/** `wattline headend job submit|list|show|approve|cancel`: commands to meters as batches of jobs. */
import { approve, type Batch, batchHash, darkening } from '@wattline/headend';
import type { CommandBatchDetail, CommandJobItem, CommandPreview, GuardStatus, Page } from '@wattline/model';
import type { Command } from 'commander';
import { readPersonKey } from '../person-key.ts';
import type { RunningServer } from '../server-client.ts';
import { exitCodes } from './exit-codes.ts';
import { addParameters, addTargets, batchOf, type ParameterFlags, type TargetFlags } from './job-targets.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface SubmitFlags extends TargetFlags, ParameterFlags {
  readonly lane: Batch['lane'];
  readonly preview?: true;
}

export function addHeadendJob(headend: Command, shell: Shell): void {
  const job = addNoun(
    headend,
    'job',
    'commands to meters: each batch is a job a meter, signed by people, judged by the guard',
  );
  addSubmit(job, shell);
  withServer(job.command('list'))
    .description('jobs that have not ended, or those in a state')
    .option('--state <state>', 'requested, held, approved, executing, done, failed, cancelled or expired')
    .addHelpText('after', '\nExample:\n  wattline headend job list --state held')
    .action(async (flags: ServerFlags & { readonly state?: string }) => {
      const page = await findServer(flags).get<Page<CommandJobItem>>('commands', { state: flags.state });
      if (flags.json) printJson(shell, page);
      else shell.out(page.items.length === 0 ? 'no jobs' : renderJobs(page.items));
    });
  withServer(job.command('show <key>'))
    .description('a batch, who signed it, and what became of each meter')
    .addHelpText('after', '\nExample:\n  wattline headend job show 6f1c')
    .action(async (key: string, flags: ServerFlags) => {
      showBatch(shell, flags, await findServer(flags).get<CommandBatchDetail>(pathOf(key)));
    });
  addApprove(job, shell);
  withServer(job.command('cancel <key>'))
    .description('stop what is not yet sealed; needs nobody’s signature')
    .requiredOption('--by <person>', 'who stops it')
    .addHelpText('after', '\nExample:\n  wattline headend job cancel 6f1c --by asha')
    .action(async (key: string, flags: ServerFlags & { readonly by: string }) => {
      const path = `${pathOf(key)}/cancel`;
      showBatch(shell, flags, await postJson<CommandBatchDetail>(findServer(flags), path, { by: flags.by }));
    });
}

function addSubmit(job: Command, shell: Shell): void {
  const submit = withServer(job.command('submit <command>')).description(
    'request a command to meters; it waits until people have signed it',
  );
  addParameters(addTargets(submit))
    .option('--lane <lane>', 'ordinary, emergency or shed', 'ordinary')
    .option('--preview', 'only tell what it would do, and what the guard says')
    .addHelpText(
      'after',
      `
Commands: ${Object.keys(darkening).join(', ')}
Exit code 4 when the guard denies it.

Examples:
  wattline headend job submit reconnect --meter WTL10000001 --reason "paid" --by asha
  wattline headend job submit display-text --text "Power off on Sunday 9 to 11" --feeder F1 --reason works --by asha
  wattline headend job submit tariff-activation --calendar winter.json --all --reason "tariff 2027" --by asha
  wattline headend job submit limiter --limit-w 500 --transformer TX-1 --reason "overload" --by asha --preview`,
    )
    .action(async (command: string, flags: SubmitFlags) => {
      const server = findServer(flags);
      const batch = await batchOf(server, command, flags);
      if (flags.preview) {
        const preview = await postJson<CommandPreview>(server, 'commands/preview', batch);
        if (flags.json) printJson(shell, { batch, ...preview });
        else shell.out(renderPreview(preview));
        return;
      }
      const detail = await postJson<CommandBatchDetail>(server, 'commands', batch);
      showBatch(shell, flags, detail);
      if (detail.jobs.some(({ state }) => state === 'failed')) shell.end(exitCodes.refused);
    });
}

function addApprove(job: Command, shell: Shell): void {
  withServer(job.command('approve <key>'))
    .description('sign a batch as an enrolled person; without --yes only show what would be signed')
    .requiredOption('--person <id>', 'who signs')
    .requiredOption('--key-file <file>', 'private key of the person, Ed25519 in PEM')
    .option('--yes', 'sign what was shown')
    .addHelpText(
      'after',
      `
The hash is computed here from the batch shown, so that what is signed is what was read.

Example:
  wattline headend job approve 6f1c --person asha --key-file data/people/asha.pem --yes`,
    )
    .action(async (key: string, flags: ServerFlags & { person: string; keyFile: string; yes?: true }) => {
      const server = findServer(flags);
      const { batch } = await server.get<CommandBatchDetail>(pathOf(key));
      const { installation, now } = await server.get<GuardStatus>('commands/status');
      const hash = batchHash(batch as Batch, installation);
      if (!flags.yes) {
        if (flags.json) printJson(shell, { batch, hash });
        else
          shell.out(
            `${JSON.stringify(batch, null, 2)}\nhash ${hash}\nnot signed: read it, then sign with --yes`,
          );
        return;
      }
      const personKey = readPersonKey(flags.keyFile);
      const approval = approve(hash, flags.person, { atMs: epochMsOf(now), key: personKey });
      showBatch(
        shell,
        flags,
        await postJson<CommandBatchDetail>(server, `${pathOf(key)}/approvals`, approval),
      );
    });
}

/** By the signer's clock: freshness and deadlines are judged by it. */
function epochMsOf(instant: string): number {
  return Temporal.Instant.from(instant).epochMilliseconds;
}

export function pathOf(key: string): string {
  return `commands/${encodeURIComponent(key)}`;
}

/** Posts a JSON body. */
export function postJson<T>(server: RunningServer, path: string, body: unknown): Promise<T> {
  const content = new Uint8Array(Buffer.from(JSON.stringify(body)));
  return server.post<T>(path, {}, { type: 'application/json', content });
}

export function showBatch(shell: Shell, flags: ServerFlags, detail: CommandBatchDetail): void {
  if (flags.json) {
    printJson(shell, detail);
    return;
  }
  const { batch, hash, approvals, jobs } = detail;
  const signed = approvals.map(({ person, at }) => `${person} ${at}`).join(', ') || 'nobody yet';
  const count = batch.meters.length;
  shell.out(
    `${batch.command} of ${count} ${count === 1 ? 'meter' : 'meters'}, key ${batch.key}, asked by ${batch.requestedBy}: ${batch.reason}`,
  );
  shell.out(`hash ${hash}`);
  shell.out(`signed by ${signed}`);
  if (jobs.length > 1) shell.out(countsOf(jobs));
  shell.out(renderJobs(jobs));
}

/** `28 done, 2 approved`: of many meters the table is too long to be counted by eye. */
function countsOf(jobs: readonly CommandJobItem[]): string {
  const byState = Map.groupBy(jobs, ({ state }) => state);
  return [...byState].map(([state, same]) => `${same.length} ${state}`).join(', ');
}

function renderJobs(jobs: readonly CommandJobItem[]): string {
  const rows = jobs.map(({ serial, command, state, updated, attempts, result, code, key, progress }) => [
    serial,
    command,
    state,
    updated,
    String(attempts),
    progress ? `${progress.done} of ${progress.of}` : (result ?? code ?? ''),
    key,
  ]);
  return renderTable(['meter', 'command', 'state', 'since', 'attempts', 'result', 'key'], rows);
}

const leftText = (left: number | null) => (left === null ? 'no limit' : String(left));

export function renderPreview({ hash, places, unknown, reasons }: CommandPreview): string {
  const rows = places.map((place) => [
    `${place.scope} ${place.place}`,
    String(place.meters),
    String(place.watts),
    leftText(place.metersLeft),
    leftText(place.wattsLeft),
  ]);
  const lines = [
    `hash ${hash}`,
    renderTable(['place', 'meters', 'W', 'meters left', 'W left'], rows),
    ...reasons.map(({ code, message, where }) => `${code}: ${message} ${JSON.stringify(where)}`),
  ];
  return unknown.length === 0
    ? lines.join('\n')
    : [...lines, `not enrolled: ${unknown.join(', ')}`].join('\n');
}
