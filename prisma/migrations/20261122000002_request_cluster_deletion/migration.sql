-- A cluster whose Applications are being deleted goes when its last Application is gone.
ALTER TABLE "clusters" ADD COLUMN "deletion_requested_at" TIMESTAMPTZ(3);
