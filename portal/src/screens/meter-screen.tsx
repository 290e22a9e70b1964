/** One meter, now: phasors, wave, harmonics, display and registers, as they came in octets from the meter. */
import type { MeterMoment, MomentDisplay, MomentSupplyEvent } from '@wattline/model';
import { useEffect, useState } from 'preact/hooks';
import { formatClock, formatPower, groupDigits, quantityText } from '../format.ts';
import { Card, Measure, Segments } from '../parts/card.tsx';
import { Empty, Loaded, Skeleton } from '../parts/condition.tsx';
import { HarmonicBars } from '../parts/harmonic-bars.tsx';
import { MeterDisplay } from '../parts/meter-display.tsx';
import { PhasorDiagram } from '../parts/phasor-diagram.tsx';
import { WavePlot } from '../parts/wave-plot.tsx';
import { aboutValue, api, machineCalmMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const refreshMs = 5_000;
/** After the last press the display goes back to its list, as it does on the wall. */
const pressedMs = 60_000;

/** The screen. */
export function MeterScreen({ serial }: { serial: string }) {
  const zone = aboutValue.value?.zone ?? 'UTC';
  const moment = useResource<MeterMoment>(
    (abort) => api.get(`meters/${encodeURIComponent(serial)}/moment`, {}, abort),
    [serial],
    refreshMs,
  );
  return (
    <div class="meter-page">
      <h1>{words.meterPage.title(serial)}</h1>
      <Loaded
        remote={moment.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={moment.refresh}
        skeleton={<Skeleton kind="chart" />}
      >
        {(value) => <MomentCards moment={value} zone={zone} />}
      </Loaded>
    </div>
  );
}

function MomentCards({ moment, zone }: { moment: MeterMoment; zone: string }) {
  const [phase, setPhase] = useState('1');
  const index = Number(phase) - 1;
  const wave = moment.wave?.phases[index];
  const choices = moment.phases.map((_, n) => ({ value: String(n + 1), name: `L${n + 1}` }));
  const choice =
    choices.length > 1 ? (
      <Segments label={words.meterPage.phase} options={choices} value={phase} onChoose={setPhase} />
    ) : undefined;
  const originText = moment.wave ? words.meterPage.origin[moment.wave.origin] : words.meterPage.noWave;
  return (
    <div class="meter-cards">
      <Card title={words.meterPage.display.title} text={words.meterPage.display.text} class="card-display">
        <PressedDisplay display={moment.display} />
        <MomentLine moment={moment} zone={zone} />
      </Card>
      <Card title={words.meterPage.phasors} text={originText} class="card-phasors">
        {moment.wave ? <PhasorDiagram moment={moment} /> : <NoWave />}
        <PhaseTable moment={moment} />
      </Card>
      <Card title={words.meterPage.wave} text={words.meterPage.waveText} aside={choice} class="card-wave">
        {wave ? <WavePlot wave={wave} phase={index + 1} /> : <NoWave />}
      </Card>
      <Card title={words.meterPage.harmonics} text={words.meterPage.harmonicsText} class="card-harmonics">
        {wave ? <HarmonicBars wave={wave} phase={index + 1} /> : <NoWave />}
      </Card>
      <Card title={words.meterPage.registers} class="card-registers">
        <RegisterTable moment={moment} />
      </Card>
      {moment.wave && moment.wave.events.length > 0 && (
        <Card title={words.meterPage.supply} text={words.meterPage.supplyText} class="card-supply">
          <SupplyTable events={moment.wave.events} zone={zone} />
        </Card>
      )}
    </div>
  );
}

function NoWave() {
  return <Empty title={words.meterPage.noWave} text={words.meterPage.noWaveText} />;
}

/** The display as it stood when the meter was read; the button looks through what else its lists hold. */
function PressedDisplay({ display }: { display: MomentDisplay | null }) {
  const [presses, setPresses] = useState(0);
  useEffect(() => {
    if (presses === 0) return;
    const timer = setTimeout(() => setPresses(0), pressedMs);
    return () => clearTimeout(timer);
  }, [presses]);
  const { next, back, none, noneText } = words.meterPage.display;
  if (!display) return <Empty title={none} text={noneText} />;
  return (
    <>
      <MeterDisplay display={display} presses={presses} />
      <p class="display-buttons">
        <button type="button" class="button button-small" onClick={() => setPresses(presses + 1)}>
          {next}
        </button>
        {presses > 0 && (
          <button type="button" class="button button-small" onClick={() => setPresses(0)}>
            {back}
          </button>
        )}
      </p>
    </>
  );
}

function MomentLine({ moment, zone }: { moment: MeterMoment; zone: string }) {
  const { activeW, powerFactor, frequencyHz, at, isConnected } = moment;
  return (
    <p class="moment-line">
      <Measure {...formatPower(activeW)} class="moment-power" />
      {powerFactor !== null && <span>{words.meterPage.powerFactor(powerFactor.toFixed(3))}</span>}
      {frequencyHz !== null && <span>{quantityText({ number: frequencyHz.toFixed(2), unit: 'Hz' })}</span>}
      {isConnected !== null && <span>{words.meterPage.switch[isConnected ? 'closed' : 'open']}</span>}
      <time dateTime={at}>{words.meterPage.readAt(formatClock(Date.parse(at), zone))}</time>
    </p>
  );
}

function PhaseTable({ moment }: { moment: MeterMoment }) {
  const cell = (value: number | null | undefined, digits: number) =>
    value === null || value === undefined ? '\u2013' : value.toFixed(digits);
  return (
    <table class="phase-table">
      <thead>
        <tr>
          {words.meterPage.phaseColumns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {moment.phases.map(({ voltageV, currentA }, index) => {
          const wave = moment.wave?.phases[index];
          return (
            <tr key={index}>
              <th scope="row" class={`phase-${index + 1}`}>
                L{index + 1}
              </th>
              <td>{cell(voltageV, 1)}</td>
              <td>{cell(currentA, 2)}</td>
              <td>{cell(wave?.lagDeg, 1)}</td>
              <td>{cell(wave?.thdVoltagePercent, 2)}</td>
              <td>{cell(wave?.thdCurrentPercent, 2)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function SupplyTable({ events, zone }: { events: readonly MomentSupplyEvent[]; zone: string }) {
  return (
    <table class="supply-table">
      <thead>
        <tr>
          {words.meterPage.supplyColumns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {events.toReversed().map(({ kind, start, durationMs, extremeV, phase }) => (
          <tr key={`${start}${kind}`}>
            <th scope="row">{words.meterPage.supplyKinds[kind]}</th>
            <td>{formatClock(Date.parse(start), zone)}</td>
            <td>{quantityText({ number: (durationMs / 1000).toFixed(2), unit: 's' })}</td>
            <td>L{phase}</td>
            <td>{quantityText({ number: extremeV.toFixed(1), unit: 'V' })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RegisterTable({ moment }: { moment: MeterMoment }) {
  return (
    <table class="register-table">
      <thead>
        <tr>
          {words.meterPage.registerColumns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {moment.registers.map(({ obis, name, value, unit }) => (
          <tr key={obis}>
            <th scope="row">{name}</th>
            <td class="code-like">{obis}</td>
            <td>{quantityText({ number: groupDigits(value), unit })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
