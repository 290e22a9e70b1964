/** Schemas of commands: batches, jobs, previews, the state of the guard. */
import {
  flag,
  instant,
  integer,
  listOf,
  named,
  nullable,
  oneOf,
  record,
  type Schema,
  text,
} from './parts.ts';

const states = ['requested', 'held', 'approved', 'executing', 'done', 'failed', 'cancelled', 'expired'];

const place = record({
  scope: oneOf('Kind of place.', ['transformer', 'feeder', 'substation', 'tenant', 'fleet']),
  place: text('Name.'),
  meters: integer('Meters of the batch there.'),
  watts: integer('Their declared load, W.'),
  metersLeft: nullable(integer('Meters that the limits leave now; null when nothing limits it.')),
  wattsLeft: nullable(integer('Load that the limits leave now, W; null when nothing limits it.')),
});

const meterStates = ['waiting', 'transferred', 'activated', 'failed'];

function campaign(more: Readonly<Record<string, Schema>>, description: string): Schema {
  return record(
    {
      id: text('Idempotency key of the campaign.'),
      state: oneOf('State.', ['running', 'halted', 'done']),
      reason: nullable(text('Why it was halted.')),
      version: text('What the image is.'),
      hardware: listOf(text('Make.')),
      maker: text('Who signed the manifest.'),
      requestedBy: text('Who started it.'),
      stages: listOf(
        record({
          name: text('Name.'),
          meters: integer('Meters.'),
          waiting: integer('Without the image.'),
          transferred: integer('With the image verified.'),
          activated: integer('That proved that it runs.'),
          failed: integer('Left out.'),
        }),
      ),
      stage: integer('The stage that runs, from 0.'),
      alarmAt: integer('Harmed meters that stop the canary.'),
      waiting: listOf(text('Key of a batch.'), 'Activations that wait for people.'),
      created: instant('When it was started.'),
      updated: instant('Last change.'),
      ...more,
    },
    description,
  );
}

export const commandSchemas: Readonly<Record<string, Schema>> = {
  GuardStatus: record(
    {
      installation: text('Name of the installation: part of everything signed.'),
      now: instant('The present instant by the clock of the signer.'),
      isClockDoubtful: flag('True when that clock jumped: everything waits.'),
      isRedSwitchPulled: flag('True while nothing may be switched.'),
      pulls: integer('How often the red switch was pulled.'),
      openMoves: integer('Switches allowed and not yet proved by their meters.'),
      sessions: integer('Sessions under way.'),
      recipient: text('Public key of the signer (X25519, base64url): keys are sealed for it on their way.'),
      ledgerHead: text('Hash of the last line of the ledger: note it elsewhere.'),
      holds: integer('Life-support and weather holds.'),
      enrolmentProblem: nullable(text('Why the enrolment on the signer’s disk is not the one in force.')),
    },
    'The guard and the signer.',
  ),
  CommandBoard: record(
    {
      guard: nullable(named('GuardStatus')),
      batches: listOf(
        record({
          key: text('Key of the batch.'),
          command: text('Command.'),
          lane: text('Lane.'),
          meters: integer('Meters.'),
          reason: text('Why.'),
          requestedBy: text('Who asked.'),
          requested: instant('When.'),
          deadline: instant('Not after.'),
          hash: text('What people sign.'),
          state: oneOf('State of what is furthest from its end.', states.slice(0, 4)),
          approvals: listOf(record({ person: text('Who.'), at: instant('When.') })),
          cancelUntil: nullable(instant('Until when anybody may cancel it before anything is sent.')),
          places: listOf(place),
          reasons: listOf(
            record({
              code: text('Code.'),
              message: text('What it means.'),
              count: integer('Meters or places it is about.'),
            }),
          ),
        }),
      ),
    },
    'The guard, and the batches that have not ended, newest first.',
  ),
  Campaign: campaign({}, 'A firmware campaign.'),
  CampaignReport: campaign(
    {
      meters: listOf(
        record({
          serial: text('Meter.'),
          stage: integer('Stage, from 0.'),
          state: oneOf('State.', meterStates),
          attempts: integer('Batches in which it failed.'),
          code: nullable(text('Coded reason.')),
          activated: nullable(instant('When the meter proved that the image runs.')),
          progress: nullable(record({ done: integer('Blocks sent.'), of: integer('Of how many.') })),
        }),
      ),
    },
    'A firmware campaign with every meter of it.',
  ),
  KeyStatus: record(
    {
      reader: record(
        {
          meters: integer('Meters with keys.'),
          changed: integer('Changed since they came in a shipment.'),
          pending: integer('On their way: the meter may hold either pair.'),
        },
        'Keys of the client that reads, held by the head-end.',
      ),
      signer: nullable(
        record(
          {
            meters: integer('Meters enrolled.'),
            withoutMaster: integer('Enrolled without a master key: theirs cannot be changed.'),
            changed: record({ management: integer('Pairs.'), master: integer('Master keys.') }),
            pending: record({ management: integer('Pairs.'), master: integer('Master keys.') }),
          },
          'Keys that the signer holds; null when it does not answer.',
        ),
      ),
    },
    'How many keys were changed and how many are on their way; no key.',
  ),
  CommandReason: record(
    {
      code: text('Code.'),
      message: text('What it means.'),
      where: {
        type: 'object',
        description: 'Meter, place, limit.',
        additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
      },
    },
    'Why a batch may not go, or not yet.',
  ),
  CommandPreview: record(
    {
      hash: text('What people sign.'),
      places: listOf(place),
      unknown: listOf(text('Serial number.'), 'Meters that are not enrolled at the signer.'),
      reasons: listOf(named('CommandReason')),
    },
    'What a batch would do.',
  ),
  CommandJob: record(
    {
      id: text('Key of the batch and serial number.'),
      key: text('Key of the batch.'),
      serial: text('Meter.'),
      command: text('Command.'),
      state: oneOf('State.', states),
      deadline: instant('Not after.'),
      updated: instant('Last change.'),
      attempts: integer('Sessions tried.'),
      code: nullable(text('Coded reason.')),
      message: nullable(text('Reason.')),
      result: nullable(text('What the meter was read back to hold.')),
      progress: nullable(
        record(
          { done: integer('Pieces done.'), of: integer('Of how many.') },
          'How far it is, while it runs.',
        ),
      ),
    },
    'One command to one meter.',
  ),
  CommandBatchDetail: record(
    {
      batch: { type: 'object', description: 'The batch as people sign it.' },
      hash: text('What people sign.'),
      approvals: listOf(record({ person: text('Who.'), at: instant('When.') })),
      jobs: listOf(named('CommandJob')),
      steps: listOf(
        record({
          job: text('Job.'),
          state: oneOf('State it came into.', states),
          at: instant('When.'),
          code: nullable(text('Coded reason.')),
          message: nullable(text('Reason.')),
        }),
        'Oldest first within a job.',
      ),
    },
    'A batch and all that became of it.',
  ),
};
