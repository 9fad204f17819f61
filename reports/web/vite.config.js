import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// One HTML file: scripts and styles stand in it, so that the report opens from a disk, a CI
// artifact or a mail, without a network.
export default defineConfig({
  plugins: [viteSingleFile()],
  build: { target: 'es2022', modulePreload: false, chunkSizeWarningLimit: 2000 },
});
