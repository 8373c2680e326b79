import { businessMetricsNamespace } from '../config.ts';
import { logger } from '../logger.ts';
import { prepareBy } from '../prepare.ts';

/** What learners do, as numbers. Never who does it: a metric has no dimension but the service. */
export const BUSINESS_METRICS = [
  'SignIns',
  'SignInsRefused',
  'PlaybackGrants',
  'LessonsCompleted',
  'MailsSent',
] as const;

type BusinessMetric = (typeof BUSINESS_METRICS)[number];

const counted = new Map<BusinessMetric, number>();

prepareBy(() => (businessMetricsNamespace() === undefined ? undefined : loadMetrics()));

/** Counts something that happened in this request. Does nothing unless the deployment has business metrics. */
export function count(metric: BusinessMetric, times = 1): void {
  if (times === 0 || businessMetricsNamespace() === undefined) return;
  counted.set(metric, (counted.get(metric) ?? 0) + times);
}

/**
 * Writes what was counted as one line in CloudWatch's embedded metric format. A request never fails because it cannot be
 * counted.
 */
export async function publishCounts(): Promise<void> {
  const namespace = businessMetricsNamespace();
  if (counted.size === 0 || namespace === undefined) return;
  const counts = [...counted];
  counted.clear();
  try {
    const { MetricUnit, Metrics } = await loadMetrics();
    const metrics = new Metrics({ namespace, serviceName: 'lectern' });
    for (const [metric, times] of counts) metrics.addMetric(metric, MetricUnit.Count, times);
    metrics.publishStoredMetrics();
  } catch (error) {
    logger().error('Not counted', { error: error as Error });
  }
}

/** A chunk of its own, which only deployments with business metrics load. */
function loadMetrics() {
  return import('@aws-lambda-powertools/metrics');
}
