// The machine that results were taken on, as a line of text.
import type { Machine, Tool } from './data';
import { bytes, plural } from './dom';

function load_text(load: Machine['load']): string | null {
  const first = Array.isArray(load) ? load[0] : load;
  if (first === undefined || first === null || first === '') return null;
  return `load ${typeof first === 'number' ? first.toFixed(2) : first}`;
}

export function machine_line(machine: Machine): string {
  return [
    machine.cpu,
    machine.cores ? plural(machine.cores, 'core') : null,
    machine.memory_bytes ? `${bytes(machine.memory_bytes)} of memory` : null,
    machine.os,
    machine.kernel,
    load_text(machine.load),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What was built, and how; figures depend on both. */
export function tool_line(tool: Tool | undefined): string {
  if (!tool) return '';
  const commit = tool.commit ? `commit ${tool.commit.slice(0, 12)}` : null;
  const parts = [`${tool.name} ${tool.version}`, commit, tool.compiler, tool.flags];
  return parts.filter(Boolean).join(' · ');
}
