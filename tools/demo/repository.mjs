// The Git repository of the demo: services that every team shares, and a platform folder for each cluster.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SERVICES = ['cart', 'catalog', 'checkout'];

const deployment = (name, image) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
`;

const banner = (text) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: banner
data:
  text: ${text}
`;

/** Makes a repository at `folder` with one commit on `main`. Answers its address and how to change it. */
export async function makeRepository(folder, clusters) {
  const git = (...argv) =>
    run('git', [
      '-C',
      folder,
      '-c',
      'user.name=Demo',
      '-c',
      'user.email=demo@example.com',
      '-c',
      'commit.gpgsign=false',
      ...argv,
    ]);
  const write = (file, text) => {
    const at = path.join(folder, file);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.writeFileSync(at, text);
  };
  fs.mkdirSync(folder, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  for (const name of SERVICES)
    write(`services/${name}/${name}.yaml`, deployment(name, `registry.example.com/${name}:1.0.0`));
  write('guestbook/guestbook.yaml', deployment('guestbook', 'registry.example.com/guestbook:1.0.0'));
  write('guestbook/banner.yaml', banner('hello'));
  for (const name of clusters) {
    write(`clusters/${name}/platform/agent.yaml`, deployment('agent', 'registry.example.com/agent:2.3.0'));
    write(
      `clusters/${name}/platform/settings.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  cluster: ${name}\n`,
    );
  }
  const commit = async (message) => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
    const { stdout } = await git('rev-parse', 'HEAD');
    return stdout.trim();
  };
  await commit('First commit');
  return {
    url: pathToFileURL(folder).href,
    services: SERVICES,
    /** Changes the text that every cluster shows; answers the commit. */
    async setBanner(text) {
      write('guestbook/banner.yaml', banner(text));
      return commit(`Say ${text}`);
    },
  };
}
