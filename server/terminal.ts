/** What a person sees in the terminal while the stack comes up: phases, a bar, figures; or JSON lines for programs. */
import type { Readiness } from '@wattline/system';

const barWidth = 28;
const titles: Record<Readiness['phase'], string> = {
  starting: 'starting',
  provisioning: 'taking in meters',
  collecting: 'reading meters',
  billing: 'computing bills',
  ready: 'ready',
};

/** Where to write, and how. */
export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly isInteractive: boolean;
  readonly json: boolean;
}

/** A terminal that shows progress and lines. */
export interface Terminal {
  line(text: string, fields?: object): void;
  progress(readiness: Readiness): void;
}

/** A terminal over a writer. Not interactive: a line a phase and every fifth of the meters. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { write, isInteractive, json } = options;
  let shown = '';
  let isBarOpen = false;

  function endBar(): void {
    if (isBarOpen) write('\n');
    isBarOpen = false;
  }

  return {
    line(text, fields = {}) {
      endBar();
      write(json ? `${JSON.stringify({ message: text, ...fields })}\n` : `${text}\n`);
    },
    progress(readiness) {
      const text = progressText(readiness, isInteractive);
      if (text === shown) return;
      shown = text;
      if (json) write(`${JSON.stringify({ progress: readiness })}\n`);
      else if (isInteractive) {
        write(`\r\u001b[K  ${text}`);
        isBarOpen = true;
      } else write(`  ${text}\n`);
    },
  };
}

function progressText(readiness: Readiness, isInteractive: boolean): string {
  const { phase, metersProvisioned: of, metersCollected: done } = readiness;
  const title = titles[phase];
  if (phase !== 'collecting' || of === 0) return title;
  const share = done / of;
  if (!isInteractive) return `${title} ${Math.floor(share * 5) * 20} %`;
  const filled = Math.round(share * barWidth);
  return `${title} ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${of}`;
}
