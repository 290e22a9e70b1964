/** The command line as a whole: nouns, verbs, help. */
import { Command } from 'commander';
import { version } from '../version.ts';
import { addAsset } from './asset.ts';
import { addBill } from './bill.ts';
import { addDb } from './db.ts';
import { addDlms } from './dlms.ts';
import { exitMeanings } from './exit-codes.ts';
import { addExport } from './export.ts';
import { addFrame } from './frame.ts';
import { addHeadend } from './headend.ts';
import { addImport } from './import.ts';
import { addMeter } from './meter.ts';
import { addRead } from './read.ts';
import { addRollout } from './rollout.ts';
import { addServe } from './serve.ts';
import type { Shell } from './shell.ts';
import { addSim } from './sim.ts';
import { addSum } from './sum.ts';
import { addTariff } from './tariff.ts';
import { addTown } from './town.ts';
import { addVee } from './vee.ts';

/** All commands over a shell. */
export function buildProgram(shell: Shell): Command {
  const program = new Command('wattline')
    .description('The open smart metering stack.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.out(text.replace(/\n$/, '')),
      writeErr: (text) => shell.err(text.replace(/\n$/, '')),
      // An error is told once, as one line with its code.
      outputError: () => {},
    })
    .addHelpText(
      'after',
      `\nExit codes:\n${Object.entries(exitMeanings)
        .map(([code, meaning]) => `  ${code}  ${meaning}`)
        .join('\n')}`,
    );
  const adders = [
    addTown,
    addServe,
    addDb,
    addMeter,
    addRead,
    addFrame,
    addDlms,
    addHeadend,
    addAsset,
    addRollout,
    addVee,
    addSum,
    addBill,
    addTariff,
    addImport,
    addExport,
    addSim,
  ];
  for (const add of adders) add(program, shell);
  return program;
}
