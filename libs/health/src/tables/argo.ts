// Argo Rollouts, Workflows and Events, and Flagger.
import { behind, condition, field, type KindTable } from '../table.js';
import { all, BAD, FINE, GOOD, SUSPENDED, waiting } from './common.js';

const ANALYSIS = {
  ...all('Healthy', 'Successful'),
  ...all('Progressing', 'Pending', 'Running'),
  ...all('Degraded', 'Failed', 'Error'),
  ...all('Unknown', 'Inconclusive'),
};

const CANARY = {
  ...all('Healthy', 'Initialized', 'Succeeded'),
  ...all('Progressing', 'Initializing', 'Waiting', 'Progressing', 'Promoting', 'Finalising', 'Terminating'),
  ...all('Suspended', 'WaitingPromotion'),
  ...all('Degraded', 'Failed', 'Terminated'),
};

export const ARGO: readonly KindTable[] = [
  {
    group: 'argoproj.io',
    kinds: ['Rollout'],
    checks: [
      behind(),
      condition('InvalidSpec', BAD),
      condition('Progressing', { False: 'Degraded' }, { reasons: ['RolloutAborted', 'ProgressDeadlineExceeded'] }),
      field('spec.paused', { true: 'Suspended' }, ''),
      field('status.phase', {
        Healthy: 'Healthy',
        Paused: 'Suspended',
        Progressing: 'Progressing',
        Degraded: 'Degraded',
      }),
    ],
    otherwise: waiting(),
  },
  {
    group: 'argoproj.io',
    kinds: ['AnalysisRun', 'Experiment'],
    checks: [field('status.phase', ANALYSIS)],
    otherwise: waiting(),
  },
  {
    group: 'argoproj.io',
    kinds: ['Workflow'],
    checks: [
      field('status.phase', {
        ...all('Progressing', '', 'Pending', 'Running'),
        ...all('Healthy', 'Succeeded'),
        ...all('Degraded', 'Failed', 'Error'),
      }),
    ],
    otherwise: waiting('it has not started'),
  },
  {
    group: 'argoproj.io',
    kinds: ['CronWorkflow'],
    checks: [SUSPENDED, condition('SpecError', BAD), condition('SubmissionError', BAD)],
    otherwise: FINE,
  },
  {
    group: 'argoproj.io',
    kinds: ['EventBus', 'EventSource', 'Sensor'],
    checks: [
      ...['Configured', 'DependenciesProvided', 'TriggersProvided', 'SourcesProvided'].map((type) =>
        condition(type, { False: 'Degraded' }),
      ),
      condition('Deployed', GOOD),
    ],
    otherwise: waiting(),
  },
  {
    group: 'flagger.app',
    kinds: ['Canary'],
    checks: [field('status.phase', CANARY, 'status.conditions.message')],
    otherwise: waiting(),
  },
];
