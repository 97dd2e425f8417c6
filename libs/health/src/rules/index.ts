// All rules: kinds that only a function can judge, one file and one line here each, and those of the tables.
import { TABLE_RULES } from '../tables/index.js';
import type { HealthRule } from '../types.js';
import { apiService } from './api-service.js';
import { application } from './application.js';
import { applicationSet } from './application-set.js';
import { cronJob } from './cron-job.js';
import { daemonSet } from './daemon-set.js';
import { deployment } from './deployment.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';
import { ingress } from './ingress.js';
import { job } from './job.js';
import { persistentVolumeClaim } from './persistent-volume-claim.js';
import { pod } from './pod.js';
import { replicaSet } from './replica-set.js';
import { service } from './service.js';
import { statefulSet } from './stateful-set.js';

export const RULES: readonly HealthRule[] = [
  apiService,
  application,
  applicationSet,
  cronJob,
  daemonSet,
  deployment,
  horizontalPodAutoscaler,
  ingress,
  job,
  persistentVolumeClaim,
  pod,
  replicaSet,
  service,
  statefulSet,
  ...TABLE_RULES,
];
