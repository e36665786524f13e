// Style rules that are about meaning, not about looks (prettier has those).
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', '.crm/', 'gateway/ide/dist/', 'registry/web/dist/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Overflows the stack on types that refer to themselves, as mongoose's do.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'max-lines': ['error', { max: 300 }],
      'max-depth': ['error', 4],
      complexity: ['error', 20],
      'no-restricted-properties': [
        'error',
        {
          object: 'mongoose',
          property: 'trusted',
          message: 'Only subgraphs/kit/read/operators.ts may build a trusted operator.',
        },
        { object: 'Math', property: 'random', message: 'Draw from platform/random.ts.' },
      ],
    },
  },
  { files: ['subgraphs/kit/read/operators.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { module: 'writable', require: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
);
