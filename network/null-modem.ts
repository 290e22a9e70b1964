/** Two pseudo-terminals joined as by a null-modem cable, for benches and tests of serial lines; by socat, or by Python where there is none. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Both device files, until unplugged. */
export interface NullModem {
  readonly paths: readonly [string, string];
  unplug(): Promise<void>;
}

const joiner = `
import os, pty, select, tty
ends = [pty.openpty(), pty.openpty()]
for end in ends: tty.setraw(end[1])
a, b = ends[0][0], ends[1][0]
print(os.ttyname(ends[0][1]), os.ttyname(ends[1][1]), flush=True)
while True:
    ready = select.select([a, b, 0], [], [])[0]
    if 0 in ready: break
    for end in ready: os.write(b if end == a else a, os.read(end, 4096))
`;

/** Undefined where this machine has neither program. */
export async function openNullModem(): Promise<NullModem | undefined> {
  if (process.platform === 'win32') return undefined;
  return (
    (await openBy('socat', ['-d', '-d', 'pty,raw,echo=0', 'pty,raw,echo=0'])) ??
    openBy('python3', ['-c', joiner])
  );
}

async function openBy(program: string, args: readonly string[]): Promise<NullModem | undefined> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const paths = await pathsTold(child);
  if (!paths) return undefined;
  const unplug = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return { paths, unplug };
}

function pathsTold(child: ChildProcess): Promise<readonly [string, string] | undefined> {
  return new Promise((resolve) => {
    let told = '';
    const hear = (text: string) => {
      told += text;
      const [first, second] = told.match(/\/dev\/[^\s]*\d(?=\s)/g) ?? [];
      if (first && second) resolve([first, second]);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', hear);
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
  });
}
