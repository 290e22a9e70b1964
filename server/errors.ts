/** Every error code of the server room, once: what it means and the HTTP status it is answered with. */
import { CodedError, type Where } from '@wattline/base';

/** `status` is null for what never travels over HTTP: a start that fails, the command line, rows of an import. */
export const serverErrors = {
  'server/bad-query': {
    status: 400,
    meaning: 'A parameter of the query or the path is not what the route takes.',
  },
  'server/bad-body': { status: 400, meaning: 'The body is not what the route takes.' },
  'server/bad-request': { status: 400, meaning: 'The request is no HTTP that can be understood.' },
  'server/span-too-long': {
    status: 400,
    meaning: 'The period asked for is longer than one answer may cover.',
  },
  'server/bad-import': {
    status: 400,
    meaning: 'The import as a whole is no CSV with the documented columns.',
  },
  'server/management-keys': {
    status: 400,
    meaning: 'A shipment for the head-end holds keys that the signer alone may have.',
  },
  'server/worker-needs-postgres': {
    status: null,
    meaning: 'A worker was started on a registry that one process alone may use.',
  },
  'server/login-required': { status: 401, meaning: 'The route needs the bearer token of the server.' },
  'server/login-refused': { status: 401, meaning: 'The bearer token is not the one of this server.' },
  'server/unknown-route': { status: 404, meaning: 'No route of this method and path.' },
  'server/no-screens': { status: 404, meaning: 'The screens are not built; `npm start` builds them.' },
  'server/unknown-usage-point': { status: 404, meaning: 'No usage point of that id.' },
  'server/unknown-channel': { status: 404, meaning: 'The usage point has no channel of that reading type.' },
  'server/unknown-meter': { status: 404, meaning: 'No meter of that serial number.' },
  'server/unknown-bill': { status: 404, meaning: 'No bill of that id.' },
  'server/unknown-batch': { status: 404, meaning: 'No batch of commands of that key.' },
  'server/unknown-campaign': { status: 404, meaning: 'No firmware campaign of that id.' },
  'server/unknown-tariff': { status: 404, meaning: 'No tariff of that id, or no such version of it.' },
  'server/body-too-large': { status: 413, meaning: 'The body has more octets than the route takes.' },
  'server/bad-media-type': {
    status: 415,
    meaning: 'The body is of a media type that the route does not take.',
  },
  'server/host-refused': {
    status: 421,
    meaning: 'The Host header names another host: a page elsewhere may be trying to reach this machine.',
  },
  'server/internal': {
    status: 500,
    meaning: 'Something failed here that is nobody else’s mistake; the log has it.',
  },
  'server/meter-not-answering': {
    status: 503,
    meaning: 'The meter cannot be reached, or it did not say what was asked; `where.cause` names why.',
  },
  'server/no-signer': { status: 503, meaning: 'The stack runs without a signer, or it does not answer.' },
  'server/too-many-streams': { status: 503, meaning: 'As many streams are open as the server serves.' },
  'server/port-taken': { status: null, meaning: 'Another program listens on the port.' },
  'server/cannot-listen': { status: null, meaning: 'The address cannot be listened on.' },
  'server/no-directory': { status: null, meaning: 'The data directory cannot be made or written.' },
  'server/already-running': { status: null, meaning: 'Another server runs on the data directory.' },
  'server/bad-start': { status: null, meaning: 'The start of the town is no instant or date in the past.' },
  'server/bad-config': { status: null, meaning: 'The configuration file holds what no setting takes.' },
  'server/no-shipment': { status: null, meaning: 'A shipment file cannot be read.' },
  'server/bad-usage': { status: null, meaning: 'The command line is not one that the command takes.' },
  'server/bad-address': { status: null, meaning: 'An address on the command line is not host:port.' },
  'server/no-runtime': { status: null, meaning: 'Node 26 is not installed beside the packages.' },
  'server/not-running': { status: null, meaning: 'No server runs on the data directory.' },
  'server/unreachable': { status: null, meaning: 'The server does not answer.' },
  'server/not-understood': {
    status: null,
    meaning: 'What answers is no Wattline server, or another version of it.',
  },
  'server/no-file': { status: null, meaning: 'A file named on the command line cannot be read or written.' },
  'server/bad-row': { status: null, meaning: 'A row of an import has more or fewer cells than the header.' },
  'server/bad-time': { status: null, meaning: 'The start of a row is neither an instant nor a local time.' },
  'server/missing-hour': {
    status: null,
    meaning: 'The local time of a row does not exist: clocks went forward over it.',
  },
  'server/repeated-hour': {
    status: null,
    meaning: 'The local time of a row happened twice, as clocks went back: it must carry its UTC offset.',
  },
  'server/bad-value': { status: null, meaning: 'The value of a row is no integer below 2^53.' },
  'server/negative-value': {
    status: null,
    meaning: 'The value of a row is negative; energy in one direction is not.',
  },
  'server/bad-quality': { status: null, meaning: 'The quality of a row names no flags that go together.' },
  'server/unknown-reading-type': { status: null, meaning: 'A row names a reading type that does not exist.' },
  'server/duplicate-row': {
    status: null,
    meaning: 'Two rows give different values for the same channel and start.',
  },
} as const satisfies Record<string, { status: number | null; meaning: string }>;

/** A code of {@link serverErrors}. */
export type ServerErrorCode = keyof typeof serverErrors;

/** A coded error of this room. */
export function serverError(
  code: ServerErrorCode,
  message: string,
  where: Where = {},
  cause?: unknown,
): CodedError {
  return new CodedError(code, message, where, cause);
}

/** Codes of other rooms that are an answer rather than an accident, with the status they are answered with. */
const foreignStatus: Readonly<Record<string, number>> = {
  'apps/unknown-usage-point': 404,
  'apps/unknown-bill': 404,
  'apps/unknown-tariff': 404,
  'apps/bad-month': 400,
  'apps/no-meter': 409,
  'apps/month-not-begun': 409,
  'apps/month-before-installation': 409,
  'apps/replay-differs': 409,
  'apps/bill-contended': 409,
  'command/key-reused': 409,
  'headend/campaign-exists': 409,
  'headend/campaign-unknown': 404,
  'headend/image-refused': 400,
  'headend/no-candidates': 409,
  'command/batch-unknown': 404,
  'command/signer-refused': 409,
  'signer/channel-closed': 503,
  'headend/meter-unknown': 404,
  'headend/shipment-unreadable': 400,
  'headend/held-unknown': 404,
  'headend/held-mismatch': 400,
  'headend/held-refused': 409,
  'headend/closing': 503,
  'mdm/unknown-channel': 404,
  'mdm/not-an-interval-channel': 400,
  'mdm/not-a-register-channel': 400,
  'mdm/closed': 503,
  'mdm/off-grid': 400,
  'mdm/interval-mismatch': 400,
  'mdm/future': 409,
  'mdm/bad-block': 400,
  'mdm/bad-quality': 400,
  'mdm/not-an-integer': 400,
  'mdm/negative-energy': 400,
  'mdm/overlapping-blocks': 409,
  'mdm/interval-unsupported': 400,
  'mdm/bad-edit': 400,
  'mdm/unknown-point': 404,
  'mdm/unknown-fact': 404,
  'mdm/unknown-rule-pack': 404,
  'mdm/unknown-tariff': 404,
  'mdm/not-yet': 400,
  'mdm/point-exists': 409,
  'mdm/order-exists': 409,
  'mdm/too-many-meters': 400,
  'mdm/runs-backwards': 409,
  'mdm/unknown-order': 404,
  'mdm/unknown-edit': 404,
  'mdm/unknown-held': 404,
  'mdm/already-decided': 409,
  'mdm/nothing-held': 409,
  'mdm/unit-mismatch': 409,
  'mdm/unknown-format': 400,
  'mdm/bad-virtual-meter': 400,
  'mdm/unknown-virtual-meter': 404,
  'mdm/bad-temperature': 400,
  'mdm/bad-subscriber': 400,
  'mdm/unknown-subscriber': 404,
  'mdm/too-many-subscribers': 409,
  'mdm/exchange-cannot-write': 400,
  'model/unknown-reading-type': 400,
  // What the disk or the server of the readings refuses now it may take later: the same request may be sent again.
  'store/disk-full': 503,
  'store/read-only': 503,
  'store/sync-failed': 503,
  'store/log-failed': 503,
  'store/unreachable': 503,
  'store/registry-unavailable': 503,
  'store/server-busy': 503,
  'store/server-refused': 503,
  'store/server-untrusted': 503,
};

/** The HTTP status of a code; undefined when the code says nothing about a request. */
export function statusOf(code: string): number | undefined {
  if (Object.hasOwn(serverErrors, code)) return serverErrors[code as ServerErrorCode].status ?? undefined;
  return Object.hasOwn(foreignStatus, code) ? foreignStatus[code] : undefined;
}
