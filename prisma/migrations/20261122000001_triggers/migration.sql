-- Hot tables leave room on each page, so that an update that changes no indexed column stays on its page (HOT).
ALTER TABLE cluster_status SET (fillfactor = 50);
ALTER TABLE cluster_leases SET (fillfactor = 50);
ALTER TABLE application_status SET (fillfactor = 80);
ALTER TABLE application_details SET (fillfactor = 80);
ALTER TABLE resources SET (fillfactor = 80);
ALTER TABLE application_due SET (fillfactor = 50);
ALTER TABLE application_rollups SET (fillfactor = 50);

-- Counters by cluster, project, sync and health, in the transaction of the verdicts that they count. Rows are taken in key order: two writers cannot deadlock.
CREATE FUNCTION application_rollups_add(delta_cluster uuid[], delta_project text[], delta_sync text[], delta_health text[], delta_count bigint[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO application_rollups AS r (cluster_id, project, sync, health, count)
  SELECT c, p, s, h, sum(n)
  FROM unnest(delta_cluster, delta_project, delta_sync, delta_health, delta_count) AS d (c, p, s, h, n)
  GROUP BY c, p, s, h HAVING sum(n) <> 0
  ORDER BY c, p, s, h
  ON CONFLICT (cluster_id, project, sync, health) DO UPDATE SET count = r.count + excluded.count
$$;

CREATE FUNCTION application_status_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM application_rollups_add(
    array_agg(coalesce(cluster_id, '00000000-0000-0000-0000-000000000000')), array_agg(project), array_agg(sync), array_agg(health), array_agg(1::bigint))
  FROM added;
  RETURN NULL;
END $$;

CREATE FUNCTION application_status_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM application_rollups_add(
    array_agg(coalesce(cluster_id, '00000000-0000-0000-0000-000000000000')), array_agg(project), array_agg(sync), array_agg(health), array_agg(-1::bigint))
  FROM removed;
  RETURN NULL;
END $$;

CREATE FUNCTION application_status_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM application_rollups_add(array_agg(c), array_agg(p), array_agg(s), array_agg(h), array_agg(n))
  FROM (
    SELECT coalesce(cluster_id, '00000000-0000-0000-0000-000000000000') AS c, project AS p, sync AS s, health AS h, 1::bigint AS n FROM added
    UNION ALL
    SELECT coalesce(cluster_id, '00000000-0000-0000-0000-000000000000'), project, sync, health, -1::bigint FROM removed
  ) AS moves;
  RETURN NULL;
END $$;

CREATE TRIGGER application_status_inserted AFTER INSERT ON application_status
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION application_status_inserted();
CREATE TRIGGER application_status_deleted AFTER DELETE ON application_status
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION application_status_deleted();
CREATE TRIGGER application_status_updated AFTER UPDATE ON application_status
  REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION application_status_updated();
