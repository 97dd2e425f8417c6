// The roles of projects as the catalogue holds them now, kept for seconds: a role that is changed or removed is so on every process within ten.
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '@wheelwright/kernel';
import { PROJECT_ROLE, type ProjectRights, type ProjectRoleName } from '../actor.js';
import { projectGrants, type DeclaredRole } from '../project-roles.js';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';
import { ShortCache } from './short-cache.js';

interface ProjectRow {
  readonly namespace: string;
  readonly roles: readonly DeclaredRole[] | null;
}

/** What project roles may do. */
@Injectable()
export class ProjectRoles {
  private readonly projects: ShortCache<ProjectRow | undefined>;

  constructor(@Inject(ACCESS_OPTIONS) private readonly options: AccessOptions) {
    this.projects = new ShortCache(
      (name) => this.read(name),
      () => options.clock.nowMs(),
    );
  }

  /** The rights of a role; `undefined` where there is no such project or role (any more). At most five seconds old. */
  async find(name: ProjectRoleName): Promise<ProjectRights | undefined> {
    const [, project = '', role = ''] = PROJECT_ROLE.exec(name) ?? [];
    const row = await this.projects.get(project);
    const declared = row?.roles?.find((each) => each.name === role);
    if (row === undefined || declared === undefined) return undefined;
    return { project, namespace: row.namespace, role, grants: projectGrants(project, [declared]) };
  }

  /** Throws `InvalidRequest` where there is no such project or role now. */
  async assertDeclared(name: ProjectRoleName): Promise<void> {
    const [, project = '', role = ''] = PROJECT_ROLE.exec(name) ?? [];
    this.projects.forget(project);
    if ((await this.find(name)) !== undefined) return;
    throw new AppError('InvalidRequest', `The project "${project}" declares no role "${role}": apply it first`);
  }

  private async read(name: string): Promise<ProjectRow | undefined> {
    const { rows } = await this.options.store.pool.query<ProjectRow>(
      `SELECT namespace, spec->'roles' AS roles FROM projects WHERE name = $1`,
      [name],
    );
    return rows[0];
  }
}
