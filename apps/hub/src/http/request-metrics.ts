// One duration per answered request, by its route and status.
import type { Metrics } from '@wheelwright/platform-telemetry';
import type { FastifyInstance } from 'fastify';

/** What stands for a request of no route: addresses that callers make up would be as many series. */
const NO_ROUTE = 'none';

/** Observes each answer in `wheelwright_http_request_seconds`. The route is its pattern, never the address that was asked for. */
export function measureRequests(instance: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.duration('http_request_seconds', 'How long HTTP requests took.', [
    'method',
    'route',
    'status',
  ]);
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? NO_ROUTE;
    seconds.observe(reply.elapsedTime, { method: request.method, route, status: String(reply.statusCode) });
    done();
  });
}
