// One object as JSON in; the declared object that it is, with what is to be said about it, out. For objects that no text holds: rendered ones.
import { gvkOf, type Fault, type KubeObject } from '@wheelwright/kernel';
import type { z } from 'zod';
import { pointerOf } from './faults.js';
import { application } from './schema-application.js';
import { appProject } from './schema-project.js';
import { applicationSet } from './schema-set.js';
import type { CatalogueObject } from './types.js';
import { validate, type Remark } from './validate.js';

/** Group and version of every object that the catalogue keeps. */
export const CATALOGUE_GROUP = 'argoproj.io';
export const CATALOGUE_VERSION = 'v1alpha1';

export interface ReadObject {
  /** Absent where there are faults. */
  readonly object?: CatalogueObject;
  /** Fields that nothing reads: they were left out. */
  readonly warnings: readonly Fault[];
  /** Not empty: the object cannot be taken. */
  readonly faults: readonly Fault[];
}

/** Reads an Application, an ApplicationSet or an AppProject by the rules of an apply. Any other kind is a fault. */
export function readObject(value: KubeObject): ReadObject {
  const { group, version, kind } = gvkOf(value);
  const name = group === CATALOGUE_GROUP && version === CATALOGUE_VERSION ? kind : '';
  switch (name) {
    case 'Application':
      return typed(value, application, (object) => ({ kind: 'Application', object }));
    case 'ApplicationSet':
      return typed(value, applicationSet, (object) => ({ kind: 'ApplicationSet', object }));
    case 'AppProject':
      return typed(value, appProject, (object) => ({ kind: 'AppProject', object }));
    default:
      return {
        warnings: [],
        faults: [{ pointer: '/kind', message: `${kind} (${value.apiVersion}) is not kept in the catalogue` }],
      };
  }
}

function typed<T>(value: KubeObject, schema: z.ZodType<T>, wrap: (object: T) => CatalogueObject): ReadObject {
  const { value: object, unknown, faults } = validate(schema, value);
  return {
    ...(object === undefined ? {} : { object: wrap(object) }),
    warnings: unknown.map(faultOf),
    faults: faults.map(faultOf),
  };
}

function faultOf({ path, message }: Remark): Fault {
  return { pointer: pointerOf(path), message };
}
