// How a spoke looks in answers.
import { z } from 'zod';

/** One registered spoke. There is no field for a credential. */
export const clusterSchema = z.object({
  id: z.string(),
  name: z.string(),
  server: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  project: z.string(),
  namespaces: z.array(z.string()),
  state: z.enum(['Pending', 'Connected', 'Unreachable', 'Unauthorized', 'Paused']),
  reason: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
  kubernetesVersion: z.string(),
  observedAt: z.iso.datetime().nullable(),
  probedAt: z.iso.datetime().nullable(),
  paused: z.boolean(),
  isHub: z.boolean(),
  clusterResources: z.boolean(),
  tls: z.object({ serverName: z.string().nullable(), insecure: z.boolean() }),
  credentials: z.enum(['bearerToken', 'clientCertificate']).nullable(),
  deletionRequestedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});

export const clusterPageSchema = z.object({ items: z.array(clusterSchema), next: z.string().optional() });

export const clusterDeletionSchema = z.object({ result: z.enum(['deleted', 'requested']), applications: z.int() });
