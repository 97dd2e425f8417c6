export { GENERATOR_FILE_LIMITS, type ChooseFiles, type RevisionFiles } from './generator-files.js';
export { Repositories, type RepositoriesOptions } from './repositories.js';
