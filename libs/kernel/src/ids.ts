// Names of rows. A brand keeps the id of one table out of the column of another; at run time each is a plain UUID text.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ClusterId = Branded<'ClusterId'>;
export type ApplicationId = Branded<'ApplicationId'>;
export type ApplicationSetId = Branded<'ApplicationSetId'>;
export type RepositoryId = Branded<'RepositoryId'>;

/** Marks a text read from a row as the id of that row. Use it where a row becomes a value, and nowhere else. */
export const ClusterId = (id: string): ClusterId => id as ClusterId;
export const ApplicationId = (id: string): ApplicationId => id as ApplicationId;
export const ApplicationSetId = (id: string): ApplicationSetId => id as ApplicationSetId;
export const RepositoryId = (id: string): RepositoryId => id as RepositoryId;
