import { defineConfig } from 'vitest/config';

// The model is plain TypeScript: it needs neither a browser nor JupyterLab. What does is tested in a real one.
export default defineConfig({ test: { include: ['src/**/*.spec.ts'] } });
