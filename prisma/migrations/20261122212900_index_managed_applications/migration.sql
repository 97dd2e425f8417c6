-- Applications that others declare from Git are found by our label: the sweep of the hub asks for them every few seconds, and so does each verdict.
-- An index on an expression, and of the rows concerned only: where nobody uses App of Apps it is empty. The schema cannot say it.
CREATE INDEX "applications_managed_by_idx" ON "applications" (("labels" ->> 'wheelwright.dev/managed-by'))
  WHERE "labels" ->> 'wheelwright.dev/managed-by' IS NOT NULL;
