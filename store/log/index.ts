/** The write-ahead log: acknowledged means on disk. */
export { type AppendFile, type Disk, machineDisk } from './disk.ts';
export { frameRoom, scanSegment } from './frame.ts';
export type { LogFinding, RecoveredSegment, Recovery, SealedSegment } from './recovery.ts';
export { type DiskFaults, type SimulatedDisk, simulatedDisk } from './simulated-disk.ts';
export { type LogOptions, openWriteAheadLog, type WriteAheadLog } from './write-ahead-log.ts';
