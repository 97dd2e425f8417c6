-- An Application has objects on the spoke where it is now and, after a move, on the one that it left: a row per spoke. The index serves the sweep
-- (all objects of a kind on a spoke) and the question whose an object is.
ALTER TABLE "resources" DROP CONSTRAINT "resources_pkey",
  ADD CONSTRAINT "resources_pkey" PRIMARY KEY ("application_id", "api_group", "kind", "namespace", "name", "cluster_id");
DROP INDEX "resources_cluster_id_api_group_kind_idx";
CREATE INDEX "resources_cluster_id_api_group_kind_name_idx" ON "resources"("cluster_id", "api_group", "kind", "name");

CREATE TABLE "application_leftovers" (
    "application_id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_leftovers_pkey" PRIMARY KEY ("application_id", "cluster_id")
);
CREATE INDEX "application_leftovers_cluster_id_due_at_idx" ON "application_leftovers"("cluster_id", "due_at");
ALTER TABLE "application_leftovers" ADD CONSTRAINT "application_leftovers_application_id_fkey"
  FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "application_leftovers" ADD CONSTRAINT "application_leftovers_cluster_id_fkey"
  FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;
