// The door of the policy room: what is to be deployed and where in, whether the project permits it out.

/** One thing that a project does not permit. */
export interface Violation {
  /**
   * Which rule: `sourceRepos`, `sourceNamespaces`, `destinations`, `destinationServiceAccounts`, `clusterResources`, `namespaceResources` of the
   * project, or `clusterScope` of the registration.
   */
  readonly rule: string;
  readonly message: string;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly violations: readonly Violation[];
}
