export { AccessGuard } from './access.guard.js';
export { AccessModule, type AccessModuleOptions } from './access.module.js';
export { SigningKeys } from './signing-keys.js';
export { ApiTokens, TOKEN_PREFIX, type ApiTokenView, type NewApiToken } from './api-tokens.js';
export { Authenticator } from './authenticator.js';
export { bearerToken, unauthenticated } from './bearer.js';
export { ACCESS_OPTIONS, type AccessOptions } from './options.js';
export {
  Allow,
  CurrentActor,
  POLICY_METADATA,
  Public,
  type ActorCarrier,
  type CredentialRequest,
  type GraphqlCarrier,
  type Policy,
} from './policy.js';
export { ProjectRoles } from './project-role-store.js';
export { SESSION_MS, Sessions, type LoginRequest, type SessionGrant } from './sessions.js';
export { FIRST_ADMINISTRATOR, Users, type UserRow } from './users.js';
