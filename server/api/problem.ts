/** Refusals: whatever is thrown becomes a ProblemBody with a status; no stack trace leaves the process. */
import { CodedError, type Log, messageOf } from '@wattline/base';
import type { ProblemBody } from '@wattline/model';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ServerErrorCode, serverError, statusOf } from '../errors.ts';

/** A parameter that is not what the route takes. */
export function badQuery(parameter: string, expected: string, found: string): CodedError {
  const what = `${parameter}: expected ${expected}, found '${found.slice(0, 60)}'`;
  return serverError('server/bad-query', what, { parameter, expected, found: found.slice(0, 60) });
}

/** Errors of the framework and what they are in our words. */
const frameworkCodes: Readonly<Record<string, ServerErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'server/body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'server/bad-media-type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'server/bad-body',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'server/bad-body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'server/bad-body',
  FST_ERR_BAD_URL: 'server/bad-query',
  FST_ERR_MAX_PARAM_LENGTH: 'server/bad-query',
};

/** The status and body for anything thrown while `request` was answered. */
export function problemOf(error: unknown, request: FastifyRequest): { status: number; body: ProblemBody } {
  const coded = error instanceof CodedError ? error : codedOf(error as FastifyError, request);
  const status = statusOf(coded?.code ?? '');
  if (coded && status !== undefined) {
    return { status, body: { code: coded.code, message: coded.message, where: coded.where } };
  }
  const message = 'the request failed for a reason that is ours; the log of the server has it';
  return { status: 500, body: { code: 'server/internal', message, where: { request: request.id } } };
}

function codedOf(error: FastifyError, request: FastifyRequest): CodedError | undefined {
  if (error.validation) return invalid(error, request);
  const code = frameworkCodes[error.code];
  if (code !== undefined) return serverError(code, error.message, { path: pathOf(request) });
  return undefined;
}

/** What Ajv refused, as expected, found, where. */
function invalid(error: FastifyError, request: FastifyRequest): CodedError {
  const [first] = error.validation ?? [];
  const context = error.validationContext ?? 'querystring';
  const { additionalProperty: unknown, missingProperty: missing } = (first?.params ?? {}) as {
    readonly additionalProperty?: string;
    readonly missingProperty?: string;
  };
  const parameter = unknown ?? missing ?? first?.instancePath.split('/')[1] ?? context;
  const holder = (
    context === 'params' ? request.params : context === 'body' ? request.body : request.query
  ) as Record<string, string | number | readonly string[] | undefined> | undefined;
  const found = String(holder?.[parameter] ?? '');
  if (context === 'body') {
    return serverError('server/bad-body', `${parameter}: ${first?.message ?? 'not valid'}`, {
      field: parameter,
    });
  }
  if (unknown !== undefined) return badQuery(parameter, `one of ${knownParameters(request)}`, parameter);
  const allowed: unknown = first?.params.allowedValues;
  const expected = Array.isArray(allowed)
    ? `one of ${allowed.join(', ')}`
    : (first?.message ?? 'another value').replace(/^must be /, '');
  return badQuery(parameter, expected, found);
}

function knownParameters(request: FastifyRequest): string {
  const schema = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
  return Object.keys(schema?.properties ?? {}).join(', ') || 'no parameters';
}

/** The path of a request without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

/** Answers every error of `app` with a coded problem. */
export function answerProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply, log }));
}

/** Sends what was thrown as a problem; our own mistakes go to the log. */
export function sendProblem(
  error: unknown,
  {
    request,
    reply,
    log,
  }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly log: Log },
): FastifyReply {
  const { status, body } = problemOf(error, request);
  if (status === 500) {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    log.error(
      { request: request.id, path: pathOf(request), error: messageOf(error), stack },
      'a request failed',
    );
  }
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="wattline"');
  // What was to come may have set a type already.
  return reply.code(status).removeHeader('content-length').type('application/json; charset=utf-8').send(body);
}
