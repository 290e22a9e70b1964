/** One meter, now: phasors, wave, harmonics, display and registers, as they came in octets from the meter. */
import type { MeterMoment, MomentSupplyEvent } from '@wattline/model';
import { useEffect, useState } from 'preact/hooks';
import { annunciators, displayPages } from '../display-list.ts';
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
const pageMs = 4_000;

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
      <Card title={words.meterPage.display} text={words.meterPage.displayText} class="card-display">
        <ScrollingDisplay moment={moment} />
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

/** The pages one after the other, as on the wall. */
function ScrollingDisplay({ moment }: { moment: MeterMoment }) {
  const pages = displayPages(moment);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), pageMs);
    return () => clearInterval(timer);
  }, []);
  const page = pages[turn % Math.max(1, pages.length)];
  return page ? <MeterDisplay page={page} signs={annunciators(moment)} /> : null;
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
