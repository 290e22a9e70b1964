/** What a message costs the process: processor time and memory, read before and after it. */
import { getHeapStatistics } from 'node:v8';

/** Readings that only grow by the work of this thread (memory also falls, when it is collected). */
export interface ResourceWatch {
  /** Processor time of this thread so far, ms: what others do on the machine is not counted. */
  processorMs(): number;
  /** Octets in use by this thread, buffers included. */
  usedOctets(): number;
}

/** The readings of this thread. */
export const threadWatch: ResourceWatch = {
  processorMs() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
  usedOctets() {
    const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
    return heap + buffers;
  },
};
