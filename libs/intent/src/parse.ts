// The text of an apply in; typed objects, warnings and faults out. Nothing is thrown for what a user wrote.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { z } from 'zod';
import { pathOf, pointerOf, type DocumentFault, type DocumentWarning, type Path, type Place } from './faults.js';
import { DEFAULT_LIMITS, type ParseLimits } from './limits.js';
import { application } from './schema-application.js';
import {
  configMap,
  foreignConfigMap,
  foreignSecret,
  holdsGitHubApp,
  holdsSettings,
  secret,
  SECRET_TYPE_LABEL,
  settingsConfigMap,
} from './schema-input.js';
import { appProject } from './schema-project.js';
import { applicationSet } from './schema-set.js';
import { splitSettings } from './settings.js';
import type { GeneratorInput, IntentObject } from './types.js';
import { validate, type Remark } from './validate.js';
import { readDocuments, type TextDocument } from './yaml-documents.js';

/** An object and where it was declared. */
export interface ParsedObject {
  readonly object: IntentObject;
  readonly place: Place;
  /** Where a JSON pointer into the object leads in the text: for faults that another room finds. */
  readonly locate: (pointer: string) => Place;
}

export interface ParsedDocuments {
  /** In the order of the text. Not complete where there are faults. */
  readonly objects: readonly IntentObject[];
  /** The same objects with their places. */
  readonly placed: readonly ParsedObject[];
  readonly warnings: readonly DocumentWarning[];
  /** Empty: the text may be applied. */
  readonly faults: readonly DocumentFault[];
}

const API_VERSION = 'argoproj.io/v1alpha1';
const SUPPORTED = `Application, ApplicationSet and AppProject (${API_VERSION}), a v1 Secret labelled ${SECRET_TYPE_LABEL}: cluster, and the v1 ConfigMaps and Secrets that generators read`;
const MAX_FAULTS = 100;

/** One object of the text: a document, or an item of a List in one. */
interface Item {
  readonly document: TextDocument;
  readonly path: Path;
  readonly value: JsonObject;
}

/** Reads a text of YAML or JSON documents. At most 100 faults are reported. */
export function parseDocuments(text: string, limits: ParseLimits = DEFAULT_LIMITS): ParsedDocuments {
  const read = readDocuments(text, limits);
  const reader = new Reader(read.faults);
  for (const document of read.documents) reader.addDocument(document, limits.maxObjects);
  return reader.result();
}

class Reader {
  private readonly placed: ParsedObject[] = [];
  private readonly warnings: DocumentWarning[] = [];
  private readonly faults: DocumentFault[];
  private readonly seen = new Map<string, number>();
  private items = 0;

  constructor(faults: readonly DocumentFault[]) {
    this.faults = [...faults];
  }

  addDocument(document: TextDocument, maxObjects: number): void {
    for (const item of this.itemsOf(document, document.value, [])) {
      this.items += 1;
      if (this.items === maxObjects + 1)
        this.fault(item, {
          path: [],
          message: `the text holds more than ${String(maxObjects)} objects; apply it in parts`,
        });
      if (this.items > maxObjects) return;
      this.addItem(item);
    }
  }

  result(): ParsedDocuments {
    if (this.items === 0 && this.faults.length === 0) {
      this.faults.push({
        code: 'InvalidDocument',
        document: 1,
        line: 1,
        pointer: '',
        message: `the text holds no object; send ${SUPPORTED}`,
      });
    }
    return {
      objects: this.placed.map(({ object }) => object),
      placed: this.placed,
      warnings: this.warnings,
      faults: this.faults.slice(0, MAX_FAULTS),
    };
  }

  /** Documents are objects, lists of objects, or `List` objects with `items`. */
  private *itemsOf(document: TextDocument, value: JsonValue | undefined, path: Path): Generator<Item> {
    if (isValues(value)) {
      for (const [index, item] of value.entries()) yield* this.itemsOf(document, item, [...path, index]);
    } else if (!isJsonObject(value)) {
      this.fault({ document, path, value: {} }, { path: [], message: `is not an object; send ${SUPPORTED}` });
    } else if (isList(value)) {
      for (const [index, item] of listItems(value).entries())
        yield* this.itemsOf(document, item, [...path, 'items', index]);
    } else {
      yield { document, path, value };
    }
  }

  private addItem(item: Item): void {
    const { apiVersion, kind } = item.value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
      this.fault(item, { path: [], message: `has no apiVersion and kind; send ${SUPPORTED}` });
      return;
    }
    switch (`${apiVersion}/${kind}`) {
      case `${API_VERSION}/Application`:
        this.addTyped(item, application, (object) => ({ kind: 'Application', object }));
        break;
      case `${API_VERSION}/ApplicationSet`:
        this.addTyped(item, applicationSet, (object) => ({ kind: 'ApplicationSet', object }));
        break;
      case `${API_VERSION}/AppProject`:
        this.addTyped(item, appProject, (object) => ({ kind: 'AppProject', object }));
        break;
      case 'v1/Secret':
        this.addSecret(item);
        break;
      case 'v1/ConfigMap':
        this.addInput(item, foreignConfigMap(item.value), holdsSettings(item.value) ? settingsConfigMap : configMap);
        if (holdsSettings(item.value)) this.remarkSettings(item);
        break;
      default:
        this.unsupported(item, `${kind} (${apiVersion})`);
        break;
    }
  }

  private addTyped<T>(item: Item, schema: z.ZodType<T>, wrap: (value: T) => IntentObject): void {
    const { value, unknown, faults } = validate(schema, item.value);
    for (const remark of unknown) this.warnings.push({ ...this.place(item, remark.path), message: remark.message });
    for (const remark of faults)
      this.fault(item, { path: remark.path, message: `${label(item)}: ${fieldOf(remark.path)}${remark.message}` });
    if (value !== undefined) this.add(item, wrap(value));
  }

  private addSecret(item: Item): void {
    if (secretType(item.value) === 'cluster') this.add(item, { kind: 'ClusterSecret', raw: item.value });
    else this.addInput(item, foreignSecret(item.value), secret);
    if (holdsGitHubApp(item.value)) {
      const message = 'is used by generators (appSecretName) only: repositories are not read with its credentials';
      this.warnings.push({ ...this.place(item, []), message: `${label(item)} ${message}` });
    }
  }

  private remarkSettings(item: Item): void {
    const { data } = item.value;
    const texts = Object.entries(isJsonObject(data) ? data : {}).map(([key]): [string, string] => [key, '']);
    for (const { key, message } of splitSettings(Object.fromEntries(texts)).remarks)
      this.warnings.push({ ...this.place(item, ['data', key]), message: `${label(item)}: ${key} ${message}` });
  }

  private addInput(item: Item, foreign: string | undefined, schema: z.ZodType<GeneratorInput>): void {
    if (foreign === undefined) this.addTyped(item, schema, (input) => ({ kind: 'GeneratorInput', input }));
    else this.unsupported(item, foreign);
  }

  private add(item: Item, object: IntentObject): void {
    const name = nameOf(item.value);
    const identity = identityOf(object, name ?? '');
    const before = this.seen.get(identity);
    if (name !== undefined && before !== undefined) {
      this.fault(item, {
        path: ['metadata', 'name'],
        message: `${label(item)} is given twice: first on line ${String(before)}; remove one`,
      });
      return;
    }
    const place = this.place(item, []);
    this.seen.set(identity, place.line);
    this.placed.push({ object, place, locate: (pointer) => this.place(item, pathOf(pointer)) });
  }

  private unsupported(item: Item, what: string): void {
    this.faults.push({
      ...this.place(item, ['kind']),
      code: 'UnsupportedKind',
      message: `unsupported kind: ${what} cannot be applied here; supported are ${SUPPORTED}`,
    });
  }

  private fault(item: Item, remark: Remark): void {
    this.faults.push({ ...this.place(item, remark.path), code: 'InvalidDocument', message: remark.message });
  }

  private place(item: Item, path: Path): Place {
    const full = [...item.path, ...path];
    return { document: item.document.number, line: item.document.lineOf(full), pointer: pointerOf(full) };
  }
}

/** Inputs have a namespace to their name: sets read those of their own. */
function identityOf(object: IntentObject, name: string): string {
  if (object.kind !== 'GeneratorInput') return `${object.kind}/${name}`;
  const { kind, metadata } = object.input;
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

function isValues(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isList(value: JsonObject): boolean {
  return (
    value['kind'] === 'List' ||
    (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items']))
  );
}

function listItems(value: JsonObject): readonly JsonValue[] {
  const { items } = value;
  return isValues(items) ? items : [];
}

function nameOf(value: JsonObject): string | undefined {
  const { metadata } = value;
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function secretType(value: JsonObject): string | undefined {
  const { metadata } = value;
  const labels = isJsonObject(metadata) ? metadata['labels'] : undefined;
  const type = isJsonObject(labels) ? labels[SECRET_TYPE_LABEL] : undefined;
  return typeof type === 'string' ? type : undefined;
}

function label(item: Item): string {
  const name = nameOf(item.value);
  const { kind } = item.value;
  return `${typeof kind === 'string' ? kind : 'object'}${name === undefined ? '' : ` "${name}"`}`;
}

/** `spec.destination ` in front of a message about it. */
function fieldOf(path: Path): string {
  return path.length === 0 ? '' : `${path.join('.')} `;
}
