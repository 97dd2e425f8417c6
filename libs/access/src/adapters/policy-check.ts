// The start-up check behind "deny by default": no route and no resolver without a policy.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { POLICY_METADATA } from './policy.js';

/** Metadata that Nest puts on a method to make it a route, and that @nestjs/graphql puts on one to make it an operation. */
const ROUTE_METADATA = 'path';
const OPERATION_METADATA = 'graphql:resolver_type';
/** Operations at the root of the schema. Fields of objects are reached through these only. */
const ROOT_OPERATIONS: ReadonlySet<unknown> = new Set(['Query', 'Mutation', 'Subscription']);

/** Stops the start, naming each handler that declares neither `@Allow(action)` nor `@Public()`. */
@Injectable()
export class PolicyCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const missing = [...this.discovery.getControllers(), ...this.discovery.getProviders()].flatMap((wrapper) =>
      typeof wrapper.metatype === 'function' ? this.handlersWithoutPolicy(wrapper.metatype) : [],
    );
    if (missing.length === 0) return;
    throw new Error(
      `no policy on ${[...new Set(missing)].sort().join(', ')}: add @Allow('<action>') or @Public() to each`,
    );
  }

  private handlersWithoutPolicy(type: object): string[] {
    const prototype: unknown = 'prototype' in type ? type.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) return [];
    if (Reflect.hasMetadata(POLICY_METADATA, type)) return [];
    const className = 'name' in type && typeof type.name === 'string' ? type.name : 'anonymous';
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => {
        const method: unknown = Reflect.get(prototype, name);
        if (typeof method !== 'function') return false;
        return isEntryPoint(method) && !Reflect.hasMetadata(POLICY_METADATA, method);
      })
      .map((name) => `${className}.${name}`);
  }
}

function isEntryPoint(method: object): boolean {
  return (
    Reflect.hasMetadata(ROUTE_METADATA, method) || ROOT_OPERATIONS.has(Reflect.getMetadata(OPERATION_METADATA, method))
  );
}
