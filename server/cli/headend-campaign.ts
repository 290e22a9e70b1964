/** `wattline headend campaign size`: how many meters a canary needs, and how many harmed ones stop a campaign. */
import { canarySize, defaultVerdictRules } from '@wattline/headend';
import { type Command, InvalidArgumentError } from 'commander';
import { addCampaignRun } from './campaign-run.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

interface SizeFlags {
  readonly fault: number;
  readonly visible: number;
  readonly baseline: number;
  readonly detection: number;
  readonly falseAlarm: number;
  readonly json?: true;
}

export function addHeadendCampaign(headend: Command, shell: Shell): void {
  const campaign = addNoun(
    headend,
    'campaign',
    'firmware campaigns: canary, a tenth, all; stopped when meters do worse',
  );
  addCampaignRun(campaign, shell);
  campaign
    .command('size')
    .description(
      'the smallest canary that shows a fault, and the count of harmed meters that stops a campaign',
    )
    .option('--fault <share>', 'share of meters that a bad image harms', share, 0.03)
    .option('--visible <share>', 'share of the harm that shows within the soak', share, 0.8)
    .option('--baseline <share>', 'share that falls silent anyway', share, defaultVerdictRules.baselineLeast)
    .option('--detection <share>', 'least chance to notice', share, 0.9999)
    .option(
      '--false-alarm <share>',
      'largest chance to stop a good image',
      share,
      defaultVerdictRules.falseAlarm,
    )
    .option('--json', 'print the size as JSON')
    .addHelpText('after', '\nExample:\n  wattline headend campaign size --fault 0.03 --detection 0.999')
    .action(({ fault, visible, baseline, detection, falseAlarm, json }: SizeFlags) => {
      const canary = canarySize({
        faultShare: fault,
        visibleShare: visible,
        baselineShare: baseline,
        detection,
        falseAlarm,
      });
      if (json) printJson(shell, canary);
      else shell.out(`${canary.meters} meters in the canary; ${canary.alarmAt} harmed ones stop it`);
    });
}

function share(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a share above 0, at most 1');
}
