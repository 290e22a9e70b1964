/** A bill that looks like a bill: who, when, what for, how much, and whether the meter's register agrees. */
import type { Bill, BillLine } from '@wattline/model';
import type { ComponentChildren } from 'preact';
import { formatMoment, formatMoney, formatMonth, formatPeriod, formatPrice, groupDigits } from '../format.ts';
import { markShapes, stateShapes } from '../shapes.ts';
import { words } from '../words.ts';
import { Glyph } from './glyph.tsx';

/** The document. A line that is opened shows `explanation(line)` beneath it. */
export function BillDocument(props: {
  bill: Bill;
  customer: string;
  address: string;
  openLine: string | null;
  onOpenLine: (lineId: string | null) => void;
  explanation: (line: BillLine) => ComponentChildren;
}) {
  const { bill } = props;
  const money = (minor: string) => formatMoney(minor, bill.currency, bill.minorDigits);
  const isProjection = bill.state === 'projection';
  return (
    <article class={`bill bill-${bill.state}`} aria-label={`${words.bill.word} ${formatMonth(bill.month)}`}>
      <header class="bill-head">
        <div>
          <p class="bill-issuer">{words.bill.issuer}</p>
          <h3>
            {isProjection ? words.bill.projectionWord : words.bill.word}{' '}
            <span>{formatMonth(bill.month)}</span>
          </h3>
        </div>
        <p class="bill-sum">
          <span class="figure-label">{words.bill.total}</span>
          <span class="bill-sum-number">{money(bill.total)}</span>
        </p>
      </header>
      {isProjection && <p class="bill-note">{words.bill.projectionNote}</p>}
      <dl class="bill-facts">
        <Fact name={words.bill.supplyTo}>
          {props.customer}
          <br />
          {props.address}
        </Fact>
        <Fact name={words.bill.period}>
          {formatPeriod(Date.parse(bill.start), Date.parse(bill.end), bill.zone)}
          <br />
          <span class="zone">{bill.zone}</span>
        </Fact>
        <Fact name={words.bill.tariff}>
          {bill.tariff.name}
          <br />
          <span class="zone">
            {bill.tariff.id}, {words.bill.version(bill.tariff.version)}
          </span>
        </Fact>
        <Fact name={words.bill.number}>
          <span class="code-like">{bill.id}</span>
          <br />
          <span class="zone">{words.bill.version(bill.version)}</span>
        </Fact>
      </dl>
      <table class="bill-lines">
        <thead>
          <tr class="bill-row bill-row-head">
            <th scope="col">{words.bill.line}</th>
            <th scope="col">{words.bill.quantity}</th>
            <th scope="col">{words.bill.price}</th>
            <th scope="col">{words.bill.amount}</th>
          </tr>
        </thead>
        <tbody>
          {bill.lines.map((line) => (
            <Line
              key={line.id}
              bill={bill}
              line={line}
              isOpen={props.openLine === line.id}
              onToggle={() => props.onOpenLine(props.openLine === line.id ? null : line.id)}
            >
              {props.openLine === line.id && props.explanation(line)}
            </Line>
          ))}
        </tbody>
        <tfoot>
          <tr class="bill-row bill-total">
            <th scope="row">{words.bill.total}</th>
            <td class="bill-amount" data-total={bill.total}>
              {money(bill.total)}
            </td>
          </tr>
        </tfoot>
      </table>
      <RegisterCheck bill={bill} />
      <footer class="bill-foot">
        <p>{words.bill.asOf(formatMoment(Date.parse(bill.asOf), bill.zone))}</p>
        <p>
          {words.bill.digest} <code>{bill.inputsDigest}</code>
        </p>
      </footer>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Line(props: {
  bill: Bill;
  line: BillLine;
  isOpen: boolean;
  onToggle: () => void;
  children: ComponentChildren;
}) {
  const { bill, line, isOpen } = props;
  const determinant = bill.determinants.find(({ id }) => id === line.determinantId);
  const money = formatMoney(line.amount, bill.currency, bill.minorDigits);
  return (
    <>
      <tr class={`bill-row bill-line ${isOpen ? 'is-open' : ''}`} data-line={line.id}>
        <td>
          <button
            type="button"
            class="bill-toggle"
            aria-expanded={isOpen}
            aria-label={isOpen ? words.bill.hideLine(line.title) : words.bill.explainLine(line.title)}
            onClick={props.onToggle}
          >
            <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
              <path d="M4 2l4 4-4 4" class="stroke" />
            </svg>
            {line.title}
          </button>
          {determinant && determinant.estimated > 0 && (
            <small>
              <Glyph shape={markShapes.estimated} size={10} /> {words.bill.estimatedIn(determinant.estimated)}
            </small>
          )}
          {determinant && determinant.missing > 0 && (
            <small>
              <Glyph shape={markShapes.missing} size={10} /> {words.bill.missingIn(determinant.missing)}
            </small>
          )}
        </td>
        <td>{quantityOf(bill, line)}</td>
        <td>{priceOf(bill, line)}</td>
        <td class="bill-amount" data-amount={line.amount}>
          {money}
        </td>
      </tr>
      {isOpen && (
        <tr class="bill-explained">
          <td colSpan={4}>{props.children}</td>
        </tr>
      )}
    </>
  );
}

function quantityOf(bill: Bill, line: BillLine): string {
  if (line.unit === 'percent') {
    const base = line.price.replace('.', '');
    return words.bill.percentOf(line.quantity, formatMoney(base, bill.currency, bill.minorDigits));
  }
  return line.unit === 'day' ? words.bill.days(line.quantity) : `${groupDigits(line.quantity)} kWh`;
}

function priceOf(bill: Bill, line: BillLine): ComponentChildren {
  if (line.unit === 'percent') return '';
  return (
    <>
      {formatPrice(line.price, bill.currency)}{' '}
      <small>{line.unit === 'day' ? words.bill.perDay : words.bill.perKwh}</small>
    </>
  );
}

function RegisterCheck({ bill }: { bill: Bill }) {
  const { start, end, counted, difference, intervals, agrees } = bill.registerCheck;
  const kwh = (text: string | null) => (text === null ? words.bill.notRead : `${groupDigits(text)} kWh`);
  return (
    <section class="register" aria-label={words.bill.registers}>
      <h4>{words.bill.registers}</h4>
      <dl>
        <Fact name={words.bill.registerStart}>{kwh(start)}</Fact>
        <Fact name={words.bill.registerEnd}>{kwh(end)}</Fact>
        {counted !== undefined && <Fact name={words.bill.registerCounted}>{kwh(counted)}</Fact>}
        <Fact name={words.bill.intervalSum}>{kwh(intervals)}</Fact>
        {difference !== null && <Fact name={words.bill.difference}>{kwh(difference)}</Fact>}
      </dl>
      <p class={agrees === null ? '' : agrees ? 'is-ok' : 'is-warn'}>
        <Glyph shape={agrees === null ? stateShapes.waiting : agrees ? stateShapes.ok : stateShapes.late} />
        {agrees === null ? words.bill.cannotCompare : agrees ? words.bill.agrees : words.bill.differs}
      </p>
    </section>
  );
}

/** The months that have a bill, newest first. */
export function BillMonths(props: {
  bills: readonly Bill[];
  selected: string;
  onSelect: (month: string) => void;
}) {
  return (
    <nav class="bill-months" aria-label={words.bill.months}>
      {props.bills.map((bill) => (
        <button
          key={bill.id}
          type="button"
          aria-pressed={bill.month === props.selected}
          onClick={() => props.onSelect(bill.month)}
        >
          <span class="bill-month-name">{formatMonth(bill.month)}</span>
          <span class={`pill pill-${bill.state}`}>{words.bill[bill.state]}</span>
          <span class="bill-month-total">{formatMoney(bill.total, bill.currency, bill.minorDigits)}</span>
        </button>
      ))}
    </nav>
  );
}
