/// House rules: features never import each other, shared never imports a feature, hooks follow the rules of hooks.
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const roomOf = (path) => /\/src\/(app|routes|shared|api)\//.exec(path)?.[1] ?? (/\/src\/features\/([^/]+)\//.exec(path)?.[1] && 'features');
const featureOf = (path) => /\/src\/features\/([^/]+)\//.exec(path)?.[1];
const resolved = (from, source) =>
  source.startsWith('@/') ? `/src/${source.slice(2)}/` : source.startsWith('.') ? new URL(source, `file://${from}`).pathname + '/' : source;

/** api ← shared ← features ← routes ← app: an import may only point to the left. */
const arrows = {
  create(context) {
    const file = context.filename;
    const order = ['api', 'shared', 'features', 'routes', 'app'];
    return {
      ImportDeclaration(node) {
        const target = resolved(file, String(node.source.value));
        const [mine, theirs] = [roomOf(file), roomOf(target)];
        if (!mine || !theirs) return;
        const mineRank = order.indexOf(mine);
        if (mine === 'features' && theirs === 'features' && featureOf(file) !== featureOf(target))
          context.report({ node, message: 'A feature does not import another feature: move the shared part to src/shared.' });
        else if (order.indexOf(theirs) > mineRank)
          context.report({ node, message: `src/${mine} does not import src/${theirs}.` });
      },
    };
  },
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', 'test-results'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { bellbird: { rules: { arrows } } },
    rules: {
      'bellbird/arrows': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // Not in e2e: Playwright's fixtures have a `use` that is no hook.
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
);
