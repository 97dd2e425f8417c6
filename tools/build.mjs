// npm run build: compiles the whole workspace.
import { build } from './lib/build.mjs';

await build();
