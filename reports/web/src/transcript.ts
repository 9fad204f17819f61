// The exchange of a test, readable: who, when, in which direction, what.
import type { TranscriptLine } from './data';
import { h } from './dom';

const directions = {
  '>': { arrow: '→', text: 'assay to' },
  '<': { arrow: '←', text: 'from' },
  '!': { arrow: '•', text: 'about' },
} as const;

const longest_line = 700;

/** Ends of lines on the wire are part of the evidence, so they are shown. */
function visible_line_ends(text: string): string {
  return text
    .replace(/\r\n/g, '␍␊\n')
    .replace(/\r(?!\n)/g, '␍')
    .replace(/\0/g, '␀');
}

function body(line: TranscriptLine): HTMLElement {
  const text = visible_line_ends(line.text);
  const op = line.dir === '>' ? /^[a-z]+\.[a-z_]+(?=[ {(]|$)/.exec(text)?.[0] : undefined;
  const rest = text.slice(op?.length ?? 0);
  if (rest.length <= longest_line) return h('code', {}, op ? h('b', {}, op) : null, rest);
  const more = h(
    'button',
    { type: 'button', class: 'quiet' },
    `show all ${rest.length.toLocaleString('en')} characters`,
  );
  const start = `${rest.slice(0, longest_line)}… `;
  const code = h('code', {}, op ? h('b', {}, op) : null, start, more);
  more.addEventListener('click', () => {
    code.replaceChildren(...(op ? [h('b', {}, op)] : []), rest);
  });
  return code;
}

export function draw_transcript(lines: TranscriptLine[]): HTMLElement {
  if (lines.length === 0) return h('p', { class: 'empty' }, 'No exchange was recorded.');
  const actors = [...new Set(lines.map((line) => line.actor))];
  const rows = lines.map((line) => {
    const direction = directions[line.dir] ?? directions['!'];
    return h(
      'li',
      { class: line.dir === '>' ? 'sent' : line.dir === '<' ? 'received' : 'noted' },
      h('time', {}, line.t_ms.toFixed(1)),
      h('span', { class: `actor actor-${actors.indexOf(line.actor) % 6}` }, line.actor),
      h(
        'span',
        { class: 'arrow' },
        h('span', { 'aria-hidden': 'true' }, direction.arrow),
        h('span', { class: 'hidden' }, direction.text),
      ),
      body(line),
    );
  });
  return h('ol', { class: 'transcript', 'aria-label': 'transcript, times in milliseconds' }, rows);
}
