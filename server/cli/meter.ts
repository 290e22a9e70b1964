/** `wattline meter`: virtual meters. */
import type { Command } from 'commander';
import { addMeterConformance } from './meter-conformance.ts';
import { addMeterFirmware } from './meter-firmware.ts';
import { addMeterRun } from './meter-run.ts';
import { addMeterShow } from './meter-show.ts';
import { addNoun, type Shell } from './shell.ts';

export function addMeter(program: Command, shell: Shell): void {
  const meter = addNoun(program, 'meter', 'virtual meters');
  addMeterConformance(meter, shell);
  addMeterFirmware(meter, shell);
  addMeterRun(meter, shell);
  addMeterShow(meter, shell);
}
