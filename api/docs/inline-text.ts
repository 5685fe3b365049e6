import { escapeHtml } from '../html-page.ts';

/** Text of the document as HTML: what stands between backticks is code. */
export function inlineText(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
    .join('');
}

export function paragraphs(text: string): string {
  const parts = text.split('\n\n').filter((part) => part.trim() !== '');
  return parts.map((part) => `<p>${inlineText(part)}</p>`).join('\n');
}
