/** Parameters of the supply switch: its mode, the load limit, the over-current limit. */
import type { ControlMode } from '../supply-switch/disconnect-control.ts';
import type { LoadLimitSettings } from '../supply-switch/load-limit.ts';
import type { OverCurrentSettings } from '../supply-switch/over-current.ts';
import type { SupplySwitch } from '../supply-switch/supply-switch.ts';
import type { Parameter } from './configuration.ts';
import { list, optional, whole, wrongField, yesOrNo } from './parameter-values.ts';
import { record } from './record-parameter.ts';

const day = 86_400;
const mostW = 10_000_000;
const mostMa = 10_000_000;

export function switchParameters({ control, limit, overCurrent }: SupplySwitch): Record<string, Parameter> {
  const emergencyRules = {
    groupId: whole(0, 0xffff),
    fromMs: whole(0, Number.MAX_SAFE_INTEGER),
    durationS: whole(0, 366 * day),
    thresholdW: whole(0, mostW),
  };
  return {
    'control-mode': record<{ mode: ControlMode }>({
      title: 'Control mode of the supply switch',
      event: 'parameterChanged',
      rules: { mode: whole(0, 6) },
      read: () => ({ mode: control.mode }),
      apply: ({ mode }) => control.configure(mode),
    }),
    'load-limit': record<LoadLimitSettings>({
      title: 'Load limit, normal and in an emergency',
      event(before, after) {
        if (before.isEnabled === after.isEnabled) return 'loadLimitChanged';
        return after.isEnabled ? 'loadLimitEnabled' : 'loadLimitDisabled';
      },
      rules: {
        isEnabled: yesOrNo,
        thresholdW: whole(0, mostW),
        minOverS: whole(0, day),
        reconnectAfterS: whole(1, day),
        mostReconnects: whole(0, 100),
        emergency: optional({
          fits: (value) => wrongField(value ?? null, emergencyRules) === undefined,
          expected: 'an emergency',
        }),
        emergencyGroups: list,
      },
      read: () => limit.settings,
      apply: (settings, meterMs) => limit.configure(settings, meterMs),
    }),
    'over-current': record<OverCurrentSettings>({
      title: 'Current of any phase that opens the switch',
      event: 'loadLimitChanged',
      rules: { isEnabled: yesOrNo, thresholdMa: whole(0, mostMa), minOverS: whole(1, day) },
      read: () => overCurrent.settings,
      apply: (settings) => overCurrent.configure(settings),
    }),
  };
}
