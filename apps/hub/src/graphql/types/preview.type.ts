import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { PreviewAction, SetPreview as Preview } from '@wheelwright/expand';
import type { JsonValue } from '@wheelwright/kernel';
import { SetIssue } from './application-set.type.js';
import { Destination } from './application-parts.js';
import { PreviewActions } from './enums.js';
import { JsonScalar } from './json.scalar.js';

@ObjectType({ description: 'A field that would change.' })
export class PreviewDifference {
  @Field(() => String, { description: 'JSON pointer into metadata and spec of the Application.' })
  pointer!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'Null: absent now.' })
  before!: JsonValue;

  @Field(() => JsonScalar, { nullable: true, description: 'Null: absent then.' })
  after!: JsonValue;
}

@ObjectType({ description: 'An Application that the set would generate.' })
export class PreviewedApplication {
  @Field(() => String)
  name!: string;

  @Field(() => PreviewActions)
  action!: PreviewAction;

  @Field(() => String)
  project!: string;

  @Field(() => Destination)
  destination!: Destination;

  @Field(() => String, { description: 'The generator that gave it, as a JSON pointer into the set.' })
  generator!: string;

  @Field(() => JsonScalar, { description: 'The parameters that its template got.' })
  params!: JsonValue;

  @Field(() => [PreviewDifference])
  differences!: readonly PreviewDifference[];

  @Field(() => String, { nullable: true, description: 'Why it would be refused.' })
  reason!: string | null;
}

@ObjectType({ description: 'An Application that exists and would not be generated any more.' })
export class RemovedApplication {
  @Field(() => String)
  name!: string;

  @Field(() => Boolean, { description: 'Whether its live objects would go too.' })
  cascade!: boolean;

  @Field(() => Int, { description: 'Live objects that it has.' })
  resources!: number;
}

@ObjectType({ description: 'An Application that another set generates, and gets instead of a deletion.' })
export class HandedOverApplication {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'The set that it belongs to then; empty for who may not see that.' })
  set!: string;
}

@ObjectType({ description: 'How many Applications of each kind, whatever is listed.' })
export class PreviewCounts {
  @Field(() => Int)
  create!: number;

  @Field(() => Int)
  change!: number;

  @Field(() => Int)
  unchanged!: number;

  @Field(() => Int)
  refuse!: number;

  @Field(() => Int)
  invalid!: number;

  @Field(() => Int)
  remove!: number;

  @Field(() => Int)
  handOver!: number;
}

@ObjectType({ description: 'What a set would come to. Nothing was written for it.' })
export class SetPreview {
  @Field(() => String)
  set!: string;

  @Field(() => Boolean, { description: 'Whether a set of this name is declared now.' })
  exists!: boolean;

  @Field(() => PreviewCounts)
  counts!: PreviewCounts;

  @Field(() => [PreviewedApplication], { description: 'By name; the first 2,000.' })
  applications!: readonly PreviewedApplication[];

  @Field(() => [RemovedApplication], { description: 'By name; the first 2,000.' })
  removed!: readonly RemovedApplication[];

  @Field(() => String, { nullable: true, description: 'Why the removal would wait for an approval.' })
  held!: string | null;

  @Field(() => [HandedOverApplication], { description: 'By name; the first 2,000.' })
  handedOver!: readonly HandedOverApplication[];

  @Field(() => [SetIssue])
  issues!: readonly SetIssue[];
}

/** The answer of a worker as the API shows it. */
export function toSetPreview(preview: Preview): SetPreview {
  return {
    ...preview,
    applications: preview.applications.map(({ origin, destination, differences, reason, ...application }) => ({
      ...application,
      destination: {
        server: destination.server ?? '',
        name: destination.name ?? '',
        namespace: destination.namespace ?? '',
      },
      generator: origin.generator,
      params: origin.params,
      differences: differences.map(({ pointer, before, after }) => ({
        pointer,
        before: before ?? null,
        after: after ?? null,
      })),
      reason: reason ?? null,
    })),
    issues: preview.issues.map((issue) => ({ ...issue, application: issue.application ?? null })),
  };
}
