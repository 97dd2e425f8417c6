-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "clusters" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "project" TEXT NOT NULL DEFAULT '',
    "namespaces" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "cluster_resources" BOOLEAN NOT NULL DEFAULT true,
    "tls_ca_data" TEXT,
    "tls_server_name" TEXT,
    "tls_insecure" BOOLEAN NOT NULL DEFAULT false,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "deletion_requested_at" TIMESTAMPTZ(3),
    "generation" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clusters_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster_credentials" (
    "cluster_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "wrapped_key" BYTEA NOT NULL,
    "ciphertext" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cluster_credentials_pkey" PRIMARY KEY ("cluster_id")
);

-- CreateTable
CREATE TABLE "cluster_status" (
    "cluster_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'Pending',
    "reason" TEXT NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT '',
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kubernetes_version" TEXT NOT NULL DEFAULT '',
    "observed_at" TIMESTAMPTZ(3),
    "probed_at" TIMESTAMPTZ(3),
    "next_probe_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_sweep_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "cluster_status_pkey" PRIMARY KEY ("cluster_id")
);

-- CreateTable
CREATE TABLE "cluster_leases" (
    "cluster_id" UUID NOT NULL,
    "holder" TEXT NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cluster_leases_pkey" PRIMARY KEY ("cluster_id")
);

-- CreateTable
CREATE TABLE "cluster_kinds" (
    "cluster_id" UUID NOT NULL,
    "api_group" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "digest" TEXT NOT NULL DEFAULT '',
    "object_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "cluster_kinds_pkey" PRIMARY KEY ("cluster_id","api_group","kind")
);

-- CreateTable
CREATE TABLE "projects" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "namespace" TEXT NOT NULL DEFAULT 'argocd',
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "spec" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "projects_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_sets" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "namespace" TEXT NOT NULL DEFAULT 'argocd',
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "finalizers" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "spec" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_sets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_set_status" (
    "set_id" UUID NOT NULL,
    "observed_generation" BIGINT NOT NULL DEFAULT 0,
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "issues" JSONB NOT NULL DEFAULT '[]',
    "input_digest" TEXT NOT NULL DEFAULT '',
    "application_count" INTEGER NOT NULL DEFAULT 0,
    "expanded_at" TIMESTAMPTZ(3),
    "next_expand_at" TIMESTAMPTZ(3),

    CONSTRAINT "application_set_status_pkey" PRIMARY KEY ("set_id")
);

-- CreateTable
CREATE TABLE "set_dependencies" (
    "set_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL DEFAULT '',
    "revision" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "set_dependencies_pkey" PRIMARY KEY ("set_id","kind","subject","revision")
);

-- CreateTable
CREATE TABLE "held_deletions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "set_id" UUID,
    "application_id" UUID,
    "names" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "total" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "approved_at" TIMESTAMPTZ(3),
    "approved_by" TEXT,

    CONSTRAINT "held_deletions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repositories" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "url" TEXT NOT NULL,
    "polled_at" TIMESTAMPTZ(3),
    "next_poll_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "repositories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository_refs" (
    "repository_id" UUID NOT NULL,
    "revision" TEXT NOT NULL,
    "commit" TEXT NOT NULL DEFAULT '',
    "error" TEXT NOT NULL DEFAULT '',
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "repository_refs_pkey" PRIMARY KEY ("repository_id","revision")
);

-- CreateTable
CREATE TABLE "applications" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "namespace" TEXT NOT NULL DEFAULT 'argocd',
    "project" TEXT NOT NULL DEFAULT 'default',
    "set_id" UUID,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "finalizers" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "spec" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "cluster_id" UUID,
    "repository_id" UUID,
    "target_revision" TEXT NOT NULL DEFAULT 'HEAD',
    "source_path" TEXT NOT NULL DEFAULT '',
    "deletion_requested_at" TIMESTAMPTZ(3),
    "deletion_cascade" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "applications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_status" (
    "application_id" UUID NOT NULL,
    "cluster_id" UUID,
    "project" TEXT NOT NULL,
    "sync" TEXT NOT NULL DEFAULT 'Unknown',
    "health" TEXT NOT NULL DEFAULT 'Unknown',
    "revision" TEXT NOT NULL DEFAULT '',
    "phase" TEXT NOT NULL DEFAULT '',
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_status_pkey" PRIMARY KEY ("application_id")
);

-- CreateTable
CREATE TABLE "application_details" (
    "application_id" UUID NOT NULL,
    "tree_digest" TEXT NOT NULL DEFAULT '',
    "render_key" TEXT NOT NULL DEFAULT '',
    "desired_digest" TEXT NOT NULL DEFAULT '',
    "health_message" TEXT NOT NULL DEFAULT '',
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "operation" JSONB,
    "attempt" JSONB,
    "resource_count" INTEGER NOT NULL DEFAULT 0,
    "compared_at" TIMESTAMPTZ(3),

    CONSTRAINT "application_details_pkey" PRIMARY KEY ("application_id")
);

-- CreateTable
CREATE TABLE "resources" (
    "application_id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,
    "api_group" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL,
    "wave" INTEGER NOT NULL DEFAULT 0,
    "desired_digest" TEXT NOT NULL DEFAULT '',
    "applied_digest" TEXT NOT NULL DEFAULT '',
    "uid" TEXT NOT NULL DEFAULT '',
    "fingerprint" TEXT NOT NULL DEFAULT '',
    "resource_version" TEXT NOT NULL DEFAULT '',
    "sync" TEXT NOT NULL DEFAULT 'Unknown',
    "health" TEXT NOT NULL DEFAULT '',
    "health_message" TEXT NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "resources_pkey" PRIMARY KEY ("application_id","api_group","kind","namespace","name")
);

-- CreateTable
CREATE TABLE "application_due" (
    "application_id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seq" BIGINT NOT NULL DEFAULT 1,
    "reason" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "application_due_pkey" PRIMARY KEY ("application_id")
);

-- CreateTable
CREATE TABLE "application_operations" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "application_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "options" JSONB NOT NULL DEFAULT '{}',
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_operations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_history" (
    "id" BIGSERIAL NOT NULL,
    "application_id" UUID NOT NULL,
    "revision" TEXT NOT NULL,
    "source" JSONB NOT NULL,
    "phase" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "initiated_by" TEXT NOT NULL,
    "automated" BOOLEAN NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL,
    "change_set" JSONB NOT NULL,

    CONSTRAINT "application_history_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_rollups" (
    "cluster_id" UUID NOT NULL,
    "project" TEXT NOT NULL,
    "sync" TEXT NOT NULL,
    "health" TEXT NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "application_rollups_pkey" PRIMARY KEY ("cluster_id","project","sync","health")
);

-- CreateTable
CREATE TABLE "renders" (
    "key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "objects" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL DEFAULT '',
    "wrapped_key" BYTEA,
    "object_count" INTEGER NOT NULL,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "renders_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "queue" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "username" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "session_epoch" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "login_attempts" (
    "subject" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "window_start" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "login_attempts_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "key_id" TEXT NOT NULL,
    "wrapped_key" BYTEA NOT NULL,
    "ciphertext" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "clusters_name_key" ON "clusters"("name");

-- CreateIndex
CREATE UNIQUE INDEX "clusters_server_key" ON "clusters"("server");

-- CreateIndex
CREATE INDEX "cluster_credentials_key_id_idx" ON "cluster_credentials"("key_id");

-- CreateIndex
CREATE UNIQUE INDEX "projects_name_key" ON "projects"("name");

-- CreateIndex
CREATE UNIQUE INDEX "application_sets_name_key" ON "application_sets"("name");

-- CreateIndex
CREATE INDEX "set_dependencies_kind_subject_idx" ON "set_dependencies"("kind", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "held_deletions_set_id_key" ON "held_deletions"("set_id");

-- CreateIndex
CREATE UNIQUE INDEX "held_deletions_application_id_key" ON "held_deletions"("application_id");

-- CreateIndex
CREATE UNIQUE INDEX "repositories_url_key" ON "repositories"("url");

-- CreateIndex
CREATE UNIQUE INDEX "applications_name_key" ON "applications"("name");

-- CreateIndex
CREATE INDEX "applications_set_id_name_idx" ON "applications"("set_id", "name");

-- CreateIndex
CREATE INDEX "applications_cluster_id_name_idx" ON "applications"("cluster_id", "name");

-- CreateIndex
CREATE INDEX "applications_repository_id_target_revision_idx" ON "applications"("repository_id", "target_revision");

-- CreateIndex
CREATE INDEX "applications_project_name_idx" ON "applications"("project", "name");

-- CreateIndex
CREATE INDEX "application_status_sync_health_idx" ON "application_status"("sync", "health");

-- CreateIndex
CREATE INDEX "resources_cluster_id_api_group_kind_idx" ON "resources"("cluster_id", "api_group", "kind");

-- CreateIndex
CREATE INDEX "application_due_cluster_id_due_at_idx" ON "application_due"("cluster_id", "due_at");

-- CreateIndex
CREATE INDEX "application_due_due_at_idx" ON "application_due"("due_at");

-- CreateIndex
CREATE INDEX "application_operations_application_id_requested_at_idx" ON "application_operations"("application_id", "requested_at");

-- CreateIndex
CREATE INDEX "application_history_application_id_id_idx" ON "application_history"("application_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key" ON "users"("username");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_name_key" ON "api_tokens"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_digest_key" ON "api_tokens"("digest");

-- AddForeignKey
ALTER TABLE "cluster_credentials" ADD CONSTRAINT "cluster_credentials_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cluster_status" ADD CONSTRAINT "cluster_status_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cluster_leases" ADD CONSTRAINT "cluster_leases_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cluster_kinds" ADD CONSTRAINT "cluster_kinds_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_set_status" ADD CONSTRAINT "application_set_status_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "application_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "set_dependencies" ADD CONSTRAINT "set_dependencies_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "application_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "held_deletions" ADD CONSTRAINT "held_deletions_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "application_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "held_deletions" ADD CONSTRAINT "held_deletions_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_refs" ADD CONSTRAINT "repository_refs_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repositories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "application_sets"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_status" ADD CONSTRAINT "application_status_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_details" ADD CONSTRAINT "application_details_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resources" ADD CONSTRAINT "resources_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_due" ADD CONSTRAINT "application_due_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_operations" ADD CONSTRAINT "application_operations_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_history" ADD CONSTRAINT "application_history_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;


