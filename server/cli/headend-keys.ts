/** `wattline headend keys status|rotate|report|settle|to-token`: keys of meters changed in two phases, the master key last; where they rest. */
import { moveKeyFileToToken } from '@wattline/headend';
import type { CommandBatchDetail, CommandPreview, KeyStatus } from '@wattline/model';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { pathOf, postJson, renderPreview, showBatch } from './headend-job.ts';
import { addTargets, batchOf, type ParameterFlags, type TargetFlags } from './job-targets.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

/** As many as a batch of service may have; more become several batches. */
const batchMeters = 2_000;

export function addHeadendKeys(headend: Command, shell: Shell): void {
  const keys = addNoun(headend, 'keys', 'keys of meters: how many are changed, and changing them');
  withServer(keys.command('status'))
    .description('keys changed since their shipment, and keys on their way; no key is shown')
    .addHelpText('after', '\nExample:\n  wattline headend keys status')
    .action(async (flags: ServerFlags) => {
      const status = await findServer(flags).get<KeyStatus>('keys');
      if (flags.json) printJson(shell, status);
      else shell.out(renderStatus(status));
    });
  addRotate(keys, shell);
  addToToken(keys, shell);
  withServer(keys.command('report <key>'))
    .description('how far a rotation is: meters by state, and why those that are not done are not')
    .addHelpText('after', '\nExample:\n  wattline headend keys report 6f1c')
    .action(async (key: string, flags: ServerFlags) => {
      const report = reportOf(await findServer(flags).get<CommandBatchDetail>(pathOf(key)));
      if (flags.json) printJson(shell, report);
      else
        shell.out(
          renderTable(
            ['state', 'meters', 'why'],
            report.rows.map(({ state, meters, why }) => [state, String(meters), why]),
          ),
        );
      if (report.rows.some(({ state }) => state === 'failed' || state === 'expired'))
        shell.end(exitCodes.failed);
    });
  withServer(keys.command('settle'))
    .description(
      'ask meters whose change of reader keys was cut off which pair they hold; changes nothing in them',
    )
    .addHelpText('after', '\nExample:\n  wattline headend keys settle')
    .action(async (flags: ServerFlags) => {
      const settled = await findServer(flags).post<{ readonly decided: number }>('keys/settle');
      if (flags.json) printJson(shell, settled);
      else shell.out(`${settled.decided} meters proved their new keys`);
    });
}

function addRotate(keys: Command, shell: Shell): void {
  const rotate = withServer(keys.command('rotate')).description(
    'request new keys for meters; they wait until people have signed, as commands do',
  );
  addTargets(rotate)
    .option('--of <keys>', 'of reader, management, master, with commas between; default all')
    .option('--preview', 'only tell what the guard says')
    .addHelpText(
      'after',
      `
The signer draws management and master keys, the head-end the reader's. Each is kept beside the old one until the meter
has proved it; a rotation that is cut off goes on where it stopped. More than ${batchMeters} meters become several batches.

Examples:
  wattline headend keys rotate --all --reason "yearly change" --by asha
  wattline headend keys rotate --feeder F1 --of reader --reason "stolen laptop" --by asha --preview`,
    )
    .action(async (flags: TargetFlags & ParameterFlags & { readonly preview?: true }) => {
      const server = findServer(flags);
      const whole = await batchOf(server, 'key-change', flags);
      const batches = Array.from({ length: Math.ceil(whole.meters.length / batchMeters) }, (_, i) => ({
        ...whole,
        key: whole.meters.length > batchMeters ? `${whole.key}-${i + 1}` : whole.key,
        meters: whole.meters.slice(i * batchMeters, (i + 1) * batchMeters),
      }));
      for (const batch of batches) {
        if (flags.preview) {
          const preview = await postJson<CommandPreview>(server, 'commands/preview', batch);
          if (flags.json) printJson(shell, { batch, ...preview });
          else shell.out(renderPreview(preview));
          continue;
        }
        const detail = await postJson<CommandBatchDetail>(server, 'commands', batch);
        showBatch(shell, flags, detail);
        if (detail.jobs.some(({ state }) => state === 'failed')) shell.end(exitCodes.refused);
      }
    });
}

function addToToken(keys: Command, shell: Shell): void {
  keys
    .command('to-token <key-file>')
    .description('wrap a key file under an RSA key of a PKCS#11 token (HSM, smart card, SoftHSM), in place')
    .requiredOption('--module <path>', 'PKCS#11 module of the token')
    .requiredOption('--token <label>', 'label of the token')
    .requiredOption('--key <id>', 'CKA_ID of the key pair, hexadecimal')
    .option('--pin-env <name>', 'environment variable that holds the PIN', 'WATTLINE_PKCS11_PIN')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      `
Everything sealed stays as it is. From then on whoever opens the file needs the token, its PIN and pkcs11-tool (OpenSC).
Stop what uses the file first, and keep a copy of it in a safe: without it and without the token the keys of all meters are lost.

Example:
  wattline headend keys to-token data/keys.bin --module /usr/lib/softhsm/libsofthsm2.so --token wattline --key 01`,
    )
    .action(
      (path: string, flags: { module: string; token: string; key: string; pinEnv: string; json?: true }) => {
        const { module, token, key, pinEnv } = flags;
        moveKeyFileToToken(path, { module, token, key, pin: pinEnv });
        if (flags.json) printJson(shell, { path, token, key });
        else shell.out(`${path} opens by key ${key} of token '${token}' alone`);
      },
    );
}

function renderStatus({ reader, signer }: KeyStatus): string {
  const rows = [['reader', String(reader.meters), String(reader.changed), String(reader.pending)]];
  if (signer) {
    for (const name of ['management', 'master'] as const) {
      const meters = name === 'master' ? signer.meters - signer.withoutMaster : signer.meters;
      rows.push([name, String(meters), String(signer.changed[name]), String(signer.pending[name])]);
    }
  }
  const table = renderTable(['keys', 'meters', 'changed', 'on their way'], rows);
  if (!signer) return `${table}\nthe signer does not answer`;
  return signer.withoutMaster === 0
    ? table
    : `${table}\n${signer.withoutMaster} meters were enrolled without a master key: theirs cannot be changed`;
}

/** Jobs counted by state and reason. */
function reportOf({ batch, jobs }: CommandBatchDetail) {
  const counts = new Map<string, { state: string; meters: number; why: string }>();
  for (const { state, code, result } of jobs) {
    const why = state === 'done' ? '' : (code ?? result ?? '');
    const row = counts.get(`${state} ${why}`) ?? { state, meters: 0, why };
    counts.set(`${state} ${why}`, { ...row, meters: row.meters + 1 });
  }
  return { key: batch.key, meters: jobs.length, rows: [...counts.values()] };
}
