import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig([
  { ignores: ['node_modules', 'lib', '**/*.js', '**/*.mjs', '**/*.mts'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    languageOptions: { parserOptions: { project: 'tsconfig.lint.json' } },
    rules: {
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'no-undef': 'off',
      // A signal's listener is a method that is bound by the signal.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Thirty kilobytes, all of which the panel and the chips need at once.
      'jupyter/prefer-lazy-imports': 'off',
      // Numbers in templates are what they look like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  },
  prettier
]);
