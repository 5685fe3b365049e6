/** Text for HTML: the five characters that mean something there. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** One sheet for every page a person reads; it stands with the reference, the longest of them. */
export const STYLE_SHEET_PATH = '/docs/reference.css';

/** A plain page without script; `main` is HTML already. */
export function htmlPage({ title, main }: { title: string; main: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${STYLE_SHEET_PATH}">
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}
