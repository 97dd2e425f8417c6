-- AlterTable
ALTER TABLE "application_history" ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'sync',
ADD COLUMN     "reason" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "retries" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "application_pins" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "application_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "revision" TEXT NOT NULL,
    "source" JSONB,
    "declared_digest" TEXT NOT NULL DEFAULT '',
    "denied" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "reason" TEXT NOT NULL DEFAULT '',
    "pinned_by" TEXT NOT NULL,
    "pinned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_pins_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_pauses" (
    "application_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "paused_by" TEXT NOT NULL,
    "paused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "application_pauses_pkey" PRIMARY KEY ("application_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "application_pins_application_id_key" ON "application_pins"("application_id");

-- AddForeignKey
ALTER TABLE "application_pins" ADD CONSTRAINT "application_pins_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "application_pauses" ADD CONSTRAINT "application_pauses_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;


