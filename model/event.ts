/** Events of meters and of the system in one vocabulary, whatever code the meter's maker gave them. */

/** The vocabulary; to add an event, add a row. `exception` puts it on the operator's list. */
export const eventKinds = {
  'power-fail': { title: 'Power failed', severity: 'warning', exception: false },
  'power-restore': { title: 'Power restored', severity: 'info', exception: false },
  'clock-set': { title: 'Clock set', severity: 'info', exception: false },
  'clock-drift': { title: 'Clock drift', severity: 'warning', exception: true },
  'tamper-cover': { title: 'Cover opened', severity: 'alarm', exception: true },
  'tamper-terminal': { title: 'Terminal cover opened', severity: 'alarm', exception: true },
  'tamper-magnet': { title: 'Strong magnetic field', severity: 'alarm', exception: true },
  'tamper-wiring': { title: 'Wiring tampered with', severity: 'alarm', exception: true },
  'voltage-fault': { title: 'Voltage out of order', severity: 'warning', exception: true },
  'current-fault': { title: 'Current out of order', severity: 'warning', exception: true },
  'fault-ended': { title: 'Fault ended', severity: 'info', exception: false },
  'load-limit': { title: 'Load limit exceeded', severity: 'warning', exception: false },
  'supply-disconnected': { title: 'Supply disconnected', severity: 'warning', exception: false },
  'supply-connected': { title: 'Supply connected', severity: 'info', exception: false },
  'supply-switch-failed': { title: 'Supply switch failed', severity: 'alarm', exception: true },
  'meter-restarted': { title: 'Meter restarted itself', severity: 'alarm', exception: true },
  'meter-fault': { title: 'Meter fault', severity: 'alarm', exception: true },
  'battery-low': { title: 'Battery low', severity: 'warning', exception: true },
  'clock-invalid': { title: 'Clock invalid', severity: 'warning', exception: true },
  'settings-changed': { title: 'Settings changed', severity: 'info', exception: false },
  'keys-changed': { title: 'Keys changed', severity: 'warning', exception: false },
  'firmware-changed': { title: 'Firmware changed', severity: 'info', exception: false },
  'log-cleared': { title: 'Log cleared', severity: 'warning', exception: true },
  'meter-event': { title: 'Meter event', severity: 'info', exception: false },
  outage: { title: 'Outage', severity: 'alarm', exception: true },
  'outage-over': { title: 'Outage over', severity: 'info', exception: false },
  'route-silent': { title: 'Route silent', severity: 'alarm', exception: true },
  'route-back': { title: 'Route answers again', severity: 'info', exception: false },
  'alarm-held': { title: 'Alarm held back', severity: 'info', exception: false },
  'authentication-failed': { title: 'Authentication failed', severity: 'alarm', exception: true },
  'frame-replayed': { title: 'Frame replayed', severity: 'alarm', exception: true },
  'frame-malformed': { title: 'Malformed frame', severity: 'warning', exception: true },
  'meter-unknown': { title: 'Unknown meter', severity: 'alarm', exception: true },
  'registry-duplicate': { title: 'Duplicate registry row', severity: 'warning', exception: true },
  'registry-invalid': { title: 'Invalid registry row', severity: 'warning', exception: true },
  'meter-unreachable': { title: 'Meter unreachable', severity: 'warning', exception: true },
  'meter-recovered': { title: 'Meter reachable again', severity: 'info', exception: false },
  'meter-collected': { title: 'Meter read', severity: 'info', exception: false },
  'meter-refused': { title: 'Meter refused', severity: 'warning', exception: true },
  'reading-missing': { title: 'Readings missing', severity: 'warning', exception: true },
  'reading-suspect': { title: 'Reading suspect', severity: 'warning', exception: true },
  'reading-rejected': { title: 'Reading rejected', severity: 'warning', exception: true },
  'reading-late': { title: 'Late readings', severity: 'info', exception: false },
  'import-invalid': { title: 'Import row invalid', severity: 'warning', exception: true },
  'data-forgotten': { title: 'Old data removed', severity: 'info', exception: false },
  'bill-issued': { title: 'Bill issued', severity: 'info', exception: false },
} as const satisfies Record<
  string,
  { title: string; severity: 'info' | 'warning' | 'alarm'; exception: boolean }
>;
export type EventKind = keyof typeof eventKinds;

/** Something that happened, with what it happened to. */
export interface SystemEvent {
  readonly kind: EventKind;
  /** When it happened by the reporter's clock, UTC ms. */
  readonly occurredMs: number;
  /** When we learned of it, UTC ms. */
  readonly receivedMs: number;
  readonly usagePointId?: string;
  readonly serial?: string;
  /** Coded reason when it is a failure. */
  readonly code?: string;
  readonly message: string;
}

/** The port into which rooms report; resolves when the event is on disk and subscribers were told. */
export interface EventSink {
  report(event: SystemEvent): Promise<void>;
  /**
   * The same for an event that is nobody's to know before `ready` resolves, as the number that proves it fresh is on its way to disk:
   * both go there at once. When `ready` rejects, nobody is told and this rejects. A sink without it is given the event after `ready`.
   */
  reportAfter?(event: SystemEvent, ready: Promise<unknown>): Promise<void>;
}
