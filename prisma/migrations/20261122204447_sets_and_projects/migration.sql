-- AlterTable
ALTER TABLE "cluster_status" ADD COLUMN     "next_orphan_scan_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "clusters" ADD COLUMN     "is_hub" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "set_dependencies" DROP CONSTRAINT "set_dependencies_pkey",
ADD COLUMN     "pattern" TEXT NOT NULL DEFAULT '',
ADD CONSTRAINT "set_dependencies_pkey" PRIMARY KEY ("set_id", "kind", "subject", "revision", "pattern");

-- CreateTable
CREATE TABLE "set_claims" (
    "set_id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "set_claims_pkey" PRIMARY KEY ("set_id","name")
);

-- CreateTable
CREATE TABLE "generator_inputs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "data" JSONB NOT NULL DEFAULT '{}',
    "key_id" TEXT NOT NULL DEFAULT '',
    "wrapped_key" BYTEA,
    "ciphertext" BYTEA,
    "digest" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "generator_inputs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "previews" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "request" JSONB NOT NULL,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" JSONB,
    "error" JSONB,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "previews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "freezes" (
    "scope" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "frozen_by" TEXT NOT NULL,
    "frozen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "freezes_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "orphaned_resources" (
    "cluster_id" UUID NOT NULL,
    "project" TEXT NOT NULL,
    "api_group" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orphaned_resources_pkey" PRIMARY KEY ("cluster_id","project","api_group","kind","namespace","name")
);

-- CreateIndex
CREATE INDEX "set_claims_name_idx" ON "set_claims"("name");

-- CreateIndex
CREATE UNIQUE INDEX "generator_inputs_kind_namespace_name_key" ON "generator_inputs"("kind", "namespace", "name");

-- CreateIndex
CREATE INDEX "previews_created_at_idx" ON "previews"("created_at");

-- CreateIndex
CREATE INDEX "orphaned_resources_project_idx" ON "orphaned_resources"("project");

-- CreateIndex
CREATE INDEX "clusters_labels_idx" ON "clusters" USING GIN ("labels" jsonb_path_ops);

-- AddForeignKey
ALTER TABLE "set_claims" ADD CONSTRAINT "set_claims_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "application_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orphaned_resources" ADD CONSTRAINT "orphaned_resources_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;


