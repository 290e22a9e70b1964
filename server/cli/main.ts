/** The `wattline` command: what bin/wattline.mjs runs on Node 26. */
import { runCli } from './run-cli.ts';

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has seen enough (`wattline ... | head`): that is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
});
