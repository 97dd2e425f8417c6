// Composes the room for a Nest application: the global guard, the check at start-up, and who may log in.
import { Module, type DynamicModule, type InjectionToken, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { ApiTokens } from './api-tokens.js';
import { Authenticator } from './authenticator.js';
import { LoginLimiter } from './login-limiter.js';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';
import { PolicyCheck } from './policy-check.js';
import { ProjectRoles } from './project-role-store.js';
import { Sessions } from './sessions.js';
import { SigningKeys } from './signing-keys.js';
import { Users } from './users.js';

export interface AccessModuleOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject: InjectionToken[];
  readonly useFactory: (...dependencies: never[]) => AccessOptions;
}

@Module({})
export class AccessModule {
  /** Global: its guard covers every module of the application, and {@link Authenticator} can be injected anywhere. */
  static registerAsync(options: AccessModuleOptions): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: [DiscoveryModule, ...(options.imports ?? [])],
      providers: [
        { provide: ACCESS_OPTIONS, inject: options.inject, useFactory: options.useFactory },
        { provide: APP_GUARD, useClass: AccessGuard },
        PolicyCheck,
        SigningKeys,
        Users,
        LoginLimiter,
        Sessions,
        ProjectRoles,
        ApiTokens,
        Authenticator,
      ],
      exports: [Authenticator, Sessions, ApiTokens, Users],
    };
  }
}
