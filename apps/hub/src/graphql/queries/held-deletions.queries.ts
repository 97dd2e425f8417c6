// The held deletion of a set or of an Application, by name.
import type { Grants } from '../grants.js';
import { allOf, Params, type Statement } from '../reader.js';

export type { HeldRow } from './application-details.queries.js';

/** Which held deletion: of a set's Applications, or of an Application's objects. */
export type DeletionTarget = { readonly set: string } | { readonly application: string };

/** The row that waits for an approval, where the caller may delete what it belongs to. */
export function heldByName(grants: Grants, target: DeletionTarget): Statement {
  const params = new Params();
  const columns = `h.id, h.names, h.total, h.digest, h.reason, h.created_at, h.approved_at, h.approved_by`;
  if ('set' in target) {
    const where = allOf([`t.name = ${params.bind(target.set)}`, grants.sets(params, 'delete')]);
    return {
      text: `SELECT t.id AS owner, ${columns} FROM held_deletions h JOIN application_sets t ON t.id = h.set_id WHERE ${where}`,
      values: params.values,
    };
  }
  const where = allOf([`a.name = ${params.bind(target.application)}`, grants.applications(params, 'delete')]);
  return {
    text: `SELECT a.id AS owner, ${columns} FROM held_deletions h JOIN applications a ON a.id = h.application_id WHERE ${where}`,
    values: params.values,
  };
}
