/** What a meter takes for itself, modelled by its parts (IEC 62053-61 bounds it: 2 W and 10 VA for a voltage circuit, recalled). */

/** Parts and what they take, W. */
export interface ConsumptionModel {
  /** Supply, converter and processor of one phase; each further phase adds its converter. */
  readonly electronicsW: number;
  readonly perPhaseW: number;
  readonly displayW: number;
  readonly backlightW: number;
  /** A radio that listens, and one that sends. */
  readonly radioIdleW: number;
  readonly radioSendW: number;
  /** A latching switch takes nothing at rest; one operation, J. */
  readonly switchJ: number;
}

/** Figures of an ordinary electronic meter with a radio, recalled. */
export const usualConsumption: ConsumptionModel = {
  electronicsW: 0.6,
  perPhaseW: 0.05,
  displayW: 0.02,
  backlightW: 0.25,
  radioIdleW: 0.15,
  radioSendW: 1.5,
  switchJ: 2,
};

/** What it does. */
export interface ConsumptionState {
  readonly phases: number;
  readonly isLit: boolean;
  /** Share of the time that its radio sends, 0 to 1. */
  readonly sendingShare: number;
  /** Operations of the switch in an hour. */
  readonly switchingPerHour: number;
}

/** Mean power, W. */
export function selfConsumptionW(model: ConsumptionModel, of: ConsumptionState): number {
  const radioW = model.radioIdleW + (model.radioSendW - model.radioIdleW) * of.sendingShare;
  return (
    model.electronicsW +
    model.perPhaseW * of.phases +
    model.displayW +
    (of.isLit ? model.backlightW : 0) +
    radioW +
    (model.switchJ * of.switchingPerHour) / 3600
  );
}
