// A command with a button that copies it.
import { h } from './dom';

async function copy(text: string, source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page may not write to the clipboard, the text is selected for the reader to copy.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return false;
  }
}

export function command(text: string): HTMLElement {
  const code = h('code', {}, text);
  const said = h('span', { class: 'hidden', role: 'status' });
  const button = h('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    const done = await copy(text, code);
    button.textContent = done ? 'Copied' : 'Selected';
    said.textContent = done ? 'copied' : 'selected, copy it with the keyboard';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1600);
  });
  return h('div', { class: 'command' }, code, button, said);
}
