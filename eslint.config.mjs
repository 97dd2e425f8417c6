// The import law of the design, and the style that no formatter can keep. Each message says why.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const CORE_PACKAGES = ['yaml', 'zod', 'picomatch', 're2js'];

/** What a file of a core may not import: everything that is not its own, the kernel, a type of an earlier room or one of the pure packages. */
const coreImports = {
  patterns: [
    {
      group: ['node:*'],
      message: 'A core is pure: no Node builtin. Give the room a port, and implement it in adapters/.',
    },
    {
      group: [
        '@nestjs/*',
        '@prisma/*',
        'pg',
        'bullmq',
        'ioredis',
        'undici',
        '@kubernetes/*',
        'fastify',
        'pino',
        'prom-client',
        'rxjs',
      ],
      message: 'A core is pure: what touches the outside belongs in adapters/.',
    },
    {
      group: ['@wheelwright/platform-*'],
      message: 'A core knows no platform: give the room a port, and implement it in adapters/.',
    },
    { group: ['@wheelwright/*/adapters'], message: 'A core imports no adapters: take a value or a port.' },
    { group: ['./adapters/*', '../adapters/*'], message: 'A core does not know its own adapters.' },
    {
      // Rooms other than the kernel: types only (the value imports are the exception that the rooms' order allows: none).
      group: ['@wheelwright/*', '!@wheelwright/kernel', '!@wheelwright/go-template'],
      allowTypeImports: true,
      message: "A core may use another room's types, not its code: `import type`.",
    },
    {
      regex: `^(?!\\.|node:|@wheelwright/|(${CORE_PACKAGES.join('|')})$)`,
      message: `A core imports no npm package but ${CORE_PACKAGES.join(', ')}.`,
    },
  ],
};

const coreSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'A core reads no clock: take a time.' },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'A core reads no clock: take a time.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'A core rolls no dice: take the number.',
  },
  { selector: 'AwaitExpression', message: 'A core does not wait: gather the facts first, in adapters/.' },
];

const everywhereSyntax = [
  {
    selector:
      "CallExpression[callee.type='MemberExpression'][callee.property.name='only'][callee.object.name=/^(it|test|describe)$/]",
    message: 'A focused test hides all others.',
  },
];

const projects = (...tags) => ({ onlyDependOnLibsWithTags: tags });

/** The chain of rooms: a room may know those before it, and none after it. */
const ROOMS = [
  'intent',
  'registry',
  'expand',
  'rollout',
  'source',
  'render',
  'policy',
  'observe',
  'plan',
  'apply',
  'health',
  'status',
];

const roomOrder = [...ROOMS, 'access'].map((room) => ({
  sourceTag: `room:${room}`,
  ...projects(
    'type:kernel',
    'type:platform',
    ...ROOMS.slice(0, ROOMS.indexOf(room) + 1).map((earlier) => `room:${earlier}`),
    `room:${room}`,
  ),
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.nx/**',
      'libs/platform/store/src/generated/**',
      '.wheelwright/**',
      'tools/envtest/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: ['tsconfig.check.json'], tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowStaticOnly: false }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-redeclare': 'off',
      'no-restricted-syntax': [
        'error',
        ...everywhereSyntax,
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only libs/platform/config reads the environment: add the variable to its schema.',
        },
      ],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:kernel', ...projects('type:kernel') },
            { sourceTag: 'type:platform', ...projects('type:kernel', 'type:platform') },
            ...roomOrder,
            { sourceTag: 'type:tool', ...projects('type:kernel', 'type:platform', 'type:room', 'type:tool') },
            { sourceTag: 'type:app', ...projects('type:kernel', 'type:platform', 'type:room', 'type:tool') },
          ],
        },
      ],
    },
  },
  {
    // Constructors of injected classes take their parts one by one, at most five.
    files: [
      '**/*.module.ts',
      '**/*.controller.ts',
      '**/*.resolver.ts',
      'apps/*/src/**/*.ts',
      'libs/**/adapters/**/*.ts',
    ],
    rules: { '@typescript-eslint/max-params': ['error', { max: 5 }] },
  },
  {
    // The rule follows a value's type into itself without end: values of templates are lists and maps of values.
    files: ['libs/go-template/src/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // The types of a code-first GraphQL schema, and the options of Nest, are classes for the sake of their decorators: their values are plain objects.
    files: ['apps/*/src/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['libs/*/src/**/*.ts'],
    ignores: [
      'libs/*/src/adapters/**',
      '**/*.spec.ts',
      'libs/testing/**',
      'libs/spoke-sim/**',
      'libs/kernel/src/digest.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', coreImports],
      'no-restricted-syntax': [
        'error',
        ...everywhereSyntax,
        ...coreSyntax,
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'Buffer'].map((name) => ({
          name,
          message: 'A core is pure: take what you need as an input.',
        })),
      ],
    },
  },
  {
    // A room's adapters may use their own room and the platform, but no other room's adapters: apps compose those.
    files: ['libs/*/src/adapters/**/*.ts', 'libs/platform/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@wheelwright/*/adapters'],
              message: "Another room's adapters are off limits: take a port, and let the app compose.",
            },
          ],
        },
      ],
    },
  },
  {
    files: [
      'libs/platform/config/**/*.ts',
      'libs/testing/**/*.ts',
      'apps/e2e/**/*.ts',
      'apps/bench/**/*.ts',
      '**/*.spec.ts',
      'prisma.config.ts',
      '*.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'libs/testing/**/*.ts', 'apps/e2e/**/*.ts'],
    rules: {
      // Tests stand on the testing library, which stands on everything that it can start.
      '@nx/enforce-module-boundaries': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
