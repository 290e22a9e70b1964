/** How a route is declared: who may call it, what it takes and gives, once; login and reference follow from it. */
import { named, type Schema } from './schema/index.ts';

/** `open` for everybody, `read` free in a town on loopback alone, `write` with a login always. A route that says nothing is `write`. */
export type Access = 'open' | 'read' | 'write';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** A route as the reference shows it. */
export interface RouteDescription {
  /** Name of the operation, unique. */
  readonly id: string;
  readonly tag: 'readings' | 'bills' | 'operations' | 'meters' | 'commands' | 'server';
  readonly access: Access;
  readonly summary: string;
  readonly description?: string;
  readonly querystring?: Schema;
  readonly params?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** Media types of the body when it is no JSON. */
  readonly consumes?: readonly string[];
  readonly response: Schema;
  /** Media types of the answer when it is no JSON. */
  readonly produces?: string | readonly string[];
  /** Statuses answered with a problem, beyond those every route may have. */
  readonly problems?: readonly number[];
  /** Statuses answered with the same shape as 200. */
  readonly alsoAnswers?: readonly number[];
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad query or body.',
  401: 'Login needed.',
  404: 'Not found.',
  409: 'Not possible as things stand.',
  413: 'Body too large.',
  415: 'Media type not taken.',
  421: 'Refused Host header.',
  500: 'Our own mistake.',
  503: 'Not now.',
};

const security = {
  open: [],
  read: [{}, { bearer: [] }],
  write: [{ bearer: [] }],
} as const;

/** The options of a Fastify route out of its description. */
export function describeRoute(route: RouteDescription) {
  const { id, tag, access, summary, description, response, produces, consumes } = route;
  const types = produces === undefined ? [] : [produces].flat();
  const body =
    types.length === 0
      ? response
      : { content: Object.fromEntries(types.map((type) => [type, { schema: response }])) };
  const good = { ...body, description: summary };
  const statuses = [...(route.problems ?? []), ...(access === 'open' ? [] : [401]), 421, 500];
  const problems = statuses.map((status) => [
    status,
    { description: reasons[status] ?? '', content: { 'application/json': { schema: named('Problem') } } },
  ]);
  return {
    config: { access },
    schema: {
      operationId: id,
      tags: [tag],
      summary,
      ...(description === undefined ? {} : { description }),
      security: security[access],
      ...(route.querystring ? { querystring: route.querystring } : {}),
      ...(route.params ? { params: paramsSchema(route.params) } : {}),
      ...(route.body ? { body: route.body } : {}),
      ...(consumes ? { consumes } : {}),
      response: {
        200: good,
        ...Object.fromEntries((route.alsoAnswers ?? []).map((status) => [status, good])),
        ...Object.fromEntries(problems),
      },
    },
  };
}

function paramsSchema(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), properties };
}
