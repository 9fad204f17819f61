// The machine that results were taken on, as a line of text.
import type { Machine } from './data';
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
