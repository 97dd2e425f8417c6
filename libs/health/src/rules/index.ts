// The table of all rules. A new kind is one file, one line here, and its golden cases.
import type { HealthRule } from '../types.js';
import { apiService } from './api-service.js';
import { application } from './application.js';
import { applicationSet } from './application-set.js';
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
];
