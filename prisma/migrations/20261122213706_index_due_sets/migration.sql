-- CreateIndex
CREATE INDEX "application_set_status_next_expand_at_idx" ON "application_set_status"("next_expand_at");


