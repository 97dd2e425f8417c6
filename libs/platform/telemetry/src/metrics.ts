// Metrics of one process, in Prometheus' text form.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'wheelwright_';

/** From one millisecond to a minute: what jobs, requests and statements take. */
const DURATION_BUCKETS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

type Labels = Readonly<Record<string, string>>;

/** Counts something. */
export interface CounterMetric {
  add(labels?: Labels, by?: number): void;
}

/** Observes durations. */
export interface DurationMetric {
  /** @param durationMs milliseconds; exported as seconds */
  observe(durationMs: number, labels?: Labels): void;
}

/** Shows a number that goes up and down. */
export interface GaugeMetric {
  set(value: number, labels?: Labels): void;
}

/**
 * The registry of one process. Asking for a metric twice answers the same one, so that rooms need not share objects.
 * Labels must have few values: a kind, an outcome, a queue; never an id or a name.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly contentType = this.#registry.contentType;

  constructor(service: string) {
    this.#registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.#registry });
  }

  counter(name: string, help: string, labelNames: readonly string[] = []): CounterMetric {
    const counter = this.#once(
      name,
      Counter,
      (full) => new Counter({ name: full, help, labelNames: [...labelNames], registers: [this.#registry] }),
    );
    return { add: (labels = {}, by = 1) => counter.inc(labels, by) };
  }

  /** The name should end in `_seconds`. */
  duration(name: string, help: string, labelNames: readonly string[] = []): DurationMetric {
    const histogram = this.#once(
      name,
      Histogram,
      (full) =>
        new Histogram({
          name: full,
          help,
          labelNames: [...labelNames],
          buckets: DURATION_BUCKETS_S,
          registers: [this.#registry],
        }),
    );
    return { observe: (durationMs, labels = {}) => histogram.observe(labels, durationMs / 1_000) };
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): GaugeMetric {
    const gauge = this.#once(
      name,
      Gauge,
      (full) => new Gauge({ name: full, help, labelNames: [...labelNames], registers: [this.#registry] }),
    );
    return { set: (value, labels = {}) => gauge.set(labels, value) };
  }

  /** The page for `/metrics`. */
  page(): Promise<string> {
    return this.#registry.metrics();
  }

  #once<M extends object>(name: string, type: abstract new (...args: never[]) => M, make: (full: string) => M): M {
    const full = `${PREFIX}${name}`;
    const known: unknown = this.#registry.getSingleMetric(full);
    if (known === undefined) return make(full);
    if (known instanceof type) return known;
    throw new Error(`the metric ${full} is there already, as another type`);
  }
}
