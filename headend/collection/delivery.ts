/** Handing what a session brought to meter data management. */
import { codeOf, messageOf } from '@wattline/base';
import type { ReadingBlock } from '@wattline/model';
import type { Task } from './collection-task.ts';
import type { TimeRange } from './time-ranges.ts';

/** Whether it was taken; ranges of which values were refused are kept in the task. */
export async function deliver(
  task: Task,
): Promise<{ readonly isDelivered: boolean; readonly message: string }> {
  const { options, entry, exchangeId, harvest } = task;
  const { serial } = entry.meter;
  if (harvest.blocks.length === 0) return { isDelivered: true, message: '' };
  try {
    const receipt = await options.sink.ingest({
      id: exchangeId,
      origin: { source: 'dlms', reference: exchangeId },
      receivedMs: options.clock.now(),
      blocks: harvest.blocks,
    });
    for (const { channel, code, count } of receipt.rejected) {
      for (const block of harvest.blocks) {
        if (block.channel === channel) task.rejected.push(rangeOfBlock(block));
      }
      options.log.warn({ serial, exchangeId, channel, code, count }, 'readings were rejected');
    }
    return { isDelivered: true, message: '' };
  } catch (error) {
    // Nothing is lost: the meter still has it, and what is not known is asked for again.
    task.memory.registersUntilMs = undefined;
    options.log.error({ serial, exchangeId, code: codeOf(error) }, messageOf(error));
    return { isDelivered: false, message: `the readings were not taken: ${messageOf(error)}` };
  }
}

function rangeOfBlock({ startMs, value, intervalSeconds }: ReadingBlock): TimeRange {
  return { startMs, endMs: startMs + value.length * intervalSeconds * 1000 };
}
