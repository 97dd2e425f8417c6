export { Repositories, type RepositoriesOptions } from './repositories.js';
