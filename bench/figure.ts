/** A figure of a bench: one JSON line that anyone can compare. */
import { cpus, totalmem } from 'node:os';

/** What is printed; `paperLimit` is what the machine could do at best, worked out in the bench file. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly higherIsBetter: boolean;
  readonly target?: number;
  readonly paperLimit?: number;
  readonly against?: { readonly name: string; readonly value: number };
  /** Per cent of the processors' time that the host gave to others meanwhile, where it is told. */
  readonly stolen?: number | undefined;
  /** Millions of steps of a fixed kind that all processors did a second before and after it. */
  readonly pace?: number;
  /** What was run, when it is not the full size. */
  readonly size?: string;
}

/** Prints the figure with the machine it was measured on. */
export function printFigure(figure: Figure): void {
  const processors = cpus();
  const machine = `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  console.log(JSON.stringify({ ...figure, value: Number(figure.value.toPrecision(6)), machine }));
}

/** Whether the short form was asked for. */
export const isQuick = process.argv.includes('--quick');
