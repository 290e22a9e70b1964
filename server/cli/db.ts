/** `wattline db retention|statements`: what goes because it is old, and the tables of a ClickHouse server. */
import { userInfo } from 'node:os';
import { jsonLog, realClock } from '@wattline/base';
import { storeStatements } from '@wattline/store/readings';
import { type RetentionStep, retain, retentionClasses, utcDate } from '@wattline/system';
import type { Command } from 'commander';
import { loadServeConfig } from '../serve-config.ts';
import { refuseIfRunning } from './running-check.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface RetentionFlags {
  readonly config?: string;
  readonly data?: string;
  readonly run?: true;
  readonly json?: true;
}

export function addDb(program: Command, shell: Shell): void {
  const db = addNoun(program, 'db', 'the data directory and its stores, while no server runs on them');
  db.command('retention')
    .description('show what is older than the setting `keep` allows; with --run remove it')
    .option('--config <file>', 'configuration; default: wattline.yaml when it is there')
    .option('--data <directory>', 'data directory; default: ./data')
    .option('--run', 'remove it, leaving an event for each class')
    .option('--json', 'print as JSON')
    .addHelpText('after', retentionHelp())
    .action(async ({ run, json, ...flags }: RetentionFlags) => {
      const config = loadServeConfig({ ...flags, json: json === true });
      await refuseIfRunning(config.data);
      const steps = await retain({
        directory: config.data,
        ...(config.registry === undefined ? {} : { registryUrl: config.registry }),
        ...(config.readings === undefined ? {} : { readingsServer: config.readings }),
        policy: config.keep,
        nowMs: realClock().now(),
        log: jsonLog('warn'),
        actor: userInfo().username,
        run: run === true,
      });
      if (json) printJson(shell, { hasRun: run === true, steps });
      else shell.out(renderSteps(steps, run === true));
    });

  db.command('statements')
    .description('print the statements that make the tables of the readings store on a ClickHouse server')
    .option('--cluster <name>', 'for a cluster: Replicated and Distributed tables')
    .option('--json', 'print them as a JSON list')
    .addHelpText(
      'after',
      `
For servers on which Wattline's user may make no tables; set readingsTablesGiven then.

Example:
  wattline db statements --cluster town`,
    )
    .action(({ cluster, json }: { cluster?: string; json?: true }) => {
      const statements = storeStatements(cluster);
      if (json) printJson(shell, statements);
      else shell.out(statements.join(';\n\n').concat(';'));
    });
}

function retentionHelp(): string {
  const classes = Object.entries(retentionClasses).map(
    ([name, { leastMonths, holds }]) => `  ${name.padEnd(10)} ${holds}; ${leastMonths} at least`,
  );
  return `
Months by class, in wattline.yaml; a class that is not named is kept for ever. Readings that an open bill needs are kept.
${classes.join('\n')}

Example of the setting:
  keep: { readings: 120, verdicts: 36, events: 24, exchanges: 14 }

Examples:
  wattline db retention --config /etc/wattline.yaml
  wattline db retention --config /etc/wattline.yaml --run`;
}

function renderSteps(steps: readonly RetentionStep[], hasRun: boolean): string {
  if (steps.length === 0) return 'Everything is kept: the setting keep names no class.';
  const rows = steps.map(({ name, months, beforeMs, isHeldBack, rows: count, years }) => [
    name,
    String(months),
    utcDate(beforeMs) + (isHeldBack ? ' (open bills)' : ''),
    String(count),
    years?.map(({ year, isWhole }) => (isWhole ? `${year}` : `${year} in part`)).join(', ') ?? '',
  ]);
  const head = ['class', 'months', 'before', hasRun ? 'rows removed' : 'rows to remove', 'years'];
  return renderTable(head, rows);
}
