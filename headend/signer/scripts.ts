/** The scripts of the signer by command; the commands of the table without one are decided on and never sealed. */
import type { Command } from '../guard/darkening.ts';
import { calendarScript } from './calendar-script.ts';
import { firmwareActivationScript } from './image-scripts.ts';
import { inAssociation, type Script, type ScriptTask } from './script.ts';
import {
  capturePeriodScript,
  clockScript,
  demandResetScript,
  demandResponseScript,
  displayTextScript,
  pushSetupScript,
} from './service-scripts.ts';
import {
  armScript,
  disconnectScript,
  limiterScript,
  reconnectScript,
  settleSwitch,
} from './switch-scripts.ts';

const scripts: Readonly<Partial<Record<Command, (task: ScriptTask) => Script>>> = {
  disconnect: disconnectScript,
  reconnect: reconnectScript,
  arm: armScript,
  limiter: limiterScript,
  'clock-shift': clockScript,
  'tariff-activation': calendarScript,
  'firmware-activation': firmwareActivationScript,
  'capture-period': capturePeriodScript,
  'push-setup': pushSetupScript,
  'demand-reset': demandResetScript,
  'display-text': displayTextScript,
  'demand-response': demandResponseScript,
};

/** Commands whose scripts need more than a task: keys, an image. */
const elsewhere: readonly Command[] = ['key-change', 'firmware-transfer'];
/** Commands of which a meter shows afterwards whether an APDU sealed earlier has worked. */
const settling: readonly Command[] = ['disconnect', 'reconnect', 'arm', 'limiter'];

/** Whether the signer has a script for a command. */
export function isScripted(command: Command): boolean {
  return scripts[command] !== undefined || elsewhere.includes(command);
}

/** The script of a task, from the association on; undefined when there is none. */
export function scriptOf(task: ScriptTask): Script | undefined {
  const script = scripts[task.batch.command];
  return script && inAssociation(() => script(task));
}

/** What may no longer be sent may still be looked at, to prove what was sealed earlier; undefined when nothing can be seen. */
export function settleScript(task: ScriptTask): Script | undefined {
  return settling.includes(task.batch.command) ? settleSwitch(task) : undefined;
}
