export * from './gather-answers.js';
