/**
 * Models of what stands between the copper and the converter: divider, shunt, current transformer, Rogowski coil (IEC 61869-2, -10).
 * A sensor is a complex gain by frequency and temperature; that of a current transformer also depends on the current it carries.
 */

/** Gain (1 is ideal) and angle, rad, that the output leads the input by. */
export interface Transfer {
  readonly gain: number;
  readonly angleRad: number;
}

/** The condition under which a sensor is asked. */
export interface SensorCondition {
  readonly hz: number;
  readonly fundamentalHz: number;
  /** RMS of the fundamental the sensor carries, A or V. */
  readonly rms: number;
  readonly temperatureC: number;
}

/** A sensor: its transfer at a condition. */
export type Sensor = (condition: SensorCondition) => Transfer;

const referenceC = 23;

/** Nothing lost, nothing turned. */
export const idealSensor: Sensor = () => ({ gain: 1, angleRad: 0 });

/** A resistive divider: a gain error, a temperature coefficient, the delay of its capacitance. */
export function divider(of: {
  readonly gainError: number;
  readonly ppmPerK: number;
  readonly delayS: number;
}): Sensor {
  return ({ hz, temperatureC }) => ({
    gain: (1 + of.gainError) * (1 + of.ppmPerK * 1e-6 * (temperatureC - referenceC)),
    angleRad: -2 * Math.PI * hz * of.delayS,
  });
}

/** A shunt: gain error, temperature coefficient, self-heating (ppm at the rated current, with its square), inductance over resistance, s. */
export function shunt(of: {
  readonly gainError: number;
  readonly ppmPerK: number;
  readonly selfHeatingPpm: number;
  readonly ratedA: number;
  readonly timeConstantS: number;
}): Sensor {
  return ({ hz, rms, temperatureC }) => {
    const drift = of.ppmPerK * (temperatureC - referenceC) + of.selfHeatingPpm * (rms / of.ratedA) ** 2;
    const reactance = 2 * Math.PI * hz * of.timeConstantS;
    return {
      gain: (1 + of.gainError) * (1 + drift * 1e-6) * Math.hypot(1, reactance),
      angleRad: Math.atan(reactance),
    };
  };
}

/**
 * A current transformer: below its rated current the core needs more of the primary current, so that ratio and angle errors grow as a
 * power of the current; above it the core saturates gently. The magnetising angle falls with the order of a harmonic.
 */
export function currentTransformer(of: {
  readonly ratedA: number;
  /** Ratio error (a share, negative: the secondary is low) and angle, rad, at the rated current. */
  readonly ratioError: number;
  readonly angleRad: number;
  /** Exponent of growth towards small currents, 0 to 1; errors stop growing at a ten-thousandth of the rated current. */
  readonly exponent: number;
  readonly ppmPerK: number;
}): Sensor {
  return ({ hz, fundamentalHz, rms, temperatureC }) => {
    const share = Math.max(rms / of.ratedA, 1e-4);
    const growth = share ** -of.exponent + 0.2 * Math.max(0, share - 1.2) ** 2;
    return {
      gain: (1 + of.ratioError * growth) * (1 + of.ppmPerK * 1e-6 * (temperatureC - referenceC)),
      angleRad: (of.angleRad * growth * fundamentalHz) / hz,
    };
  };
}

/** A Rogowski coil with an analogue integrator: linear in current; the integrator's corner turns low frequencies forward. */
export function rogowskiCoil(of: {
  readonly gainError: number;
  readonly cornerHz: number;
  readonly ppmPerK: number;
}): Sensor {
  return ({ hz, temperatureC }) => ({
    gain:
      ((1 + of.gainError) * (1 + of.ppmPerK * 1e-6 * (temperatureC - referenceC))) /
      Math.hypot(1, of.cornerHz / hz),
    angleRad: Math.atan(of.cornerHz / hz),
  });
}
