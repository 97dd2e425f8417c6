-- CreateIndex
CREATE INDEX "application_sets_updated_at_idx" ON "application_sets"("updated_at");


