// The exchange of a test, readable: who, when, in which direction, what.
import type { TranscriptLine } from './data';
import { h } from './dom';

const directions = {
  '>': { arrow: '→', text: 'assay to', kind: 'sent' },
  '<': { arrow: '←', text: 'from', kind: 'received' },
  '!': { arrow: '•', text: 'about', kind: 'noted' },
} as const;

const longest_line = 700;
const longest_decoded = 60;

/** Ends of lines are part of the evidence: they are shown, and an HTTP message breaks at them. */
function visible_line_ends(text: string): string {
  const shown = text
    .replace(/\r\n/g, '␍␊\n')
    .replace(/\r(?!\n)/g, '␍')
    .replace(/\0/g, '␀');
  const is_http = /^"?(?:[A-Z]+ \/|HTTP\/)/.test(shown);
  return is_http ? shown.replace(/\\r\\n(?=.)/g, '\\r\\n\n') : shown;
}

/** What base64 in a line stands for, where that is text. */
function decoded(text: string): string {
  const found: string[] = [];
  for (const [, encoded = ''] of text.matchAll(/"base64": ?"([A-Za-z0-9+/]{4,400}=*)"/g)) {
    try {
      const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
      const plain = JSON.stringify(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      found.push(plain.length > longest_decoded ? `${plain.slice(0, longest_decoded)}…` : plain);
    } catch {
      // Bytes that are no text say nothing more than their base64 does.
    }
  }
  return found.join(', ');
}

/** What is drawn bold, the op of a request or the hello of an actor, and the rest. */
function parts(line: TranscriptLine): [string, string] {
  const hello = /^\{"jsonrpc":"2\.0","method":"hello","params":(.*)\}$/.exec(line.text)?.[1];
  if (hello) return ['hello', ` ${hello}`];
  const text = visible_line_ends(line.text);
  const op = line.dir === '>' ? (/^[a-z]+\.[a-z_]+(?=[ {(]|$)/.exec(text)?.[0] ?? '') : '';
  return [op, text.slice(op.length)];
}

function body(line: TranscriptLine): HTMLElement {
  const [op, rest] = parts(line);
  const start = op ? [h('b', {}, op)] : [];
  const plain = decoded(line.text);
  const note = plain ? [h('span', { class: 'decoded' }, plain)] : [];
  if (rest.length <= longest_line) return h('code', {}, start, rest, note);
  const size = rest.length.toLocaleString('en');
  const more = h('button', { type: 'button', class: 'quiet' }, `show all ${size} characters`);
  const code = h('code', {}, start, `${rest.slice(0, longest_line)}… `, more, note);
  more.addEventListener('click', () => code.replaceChildren(...start, rest, ...note));
  return code;
}

export function draw_transcript(lines: TranscriptLine[]): HTMLElement {
  if (lines.length === 0) return h('p', { class: 'empty' }, 'No exchange was recorded.');
  const actors = [...new Set(lines.map((line) => line.actor))];
  const rows = lines.map((line) => {
    const { arrow, text, kind } = directions[line.dir] ?? directions['!'];
    return h(
      'li',
      { class: kind },
      h('time', {}, line.t_ms.toFixed(1)),
      h('span', { class: `actor actor-${actors.indexOf(line.actor) % 6}` }, line.actor),
      h(
        'span',
        { class: 'arrow' },
        h('span', { 'aria-hidden': 'true' }, arrow),
        h('span', { class: 'hidden' }, text),
      ),
      body(line),
    );
  });
  const label = 'transcript, times in milliseconds';
  return h('ol', { class: 'transcript', 'aria-label': label }, rows);
}
