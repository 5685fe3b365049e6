/** Strings, and the marks that open, close or divide; everything else of valid JSON does not matter here. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;

/**
 * The first key that one object holds twice, or null. Parsers keep the last one and proxies may read the first, so a
 * body like that means two things (RFC 8259 section 4). The text has been parsed before: it is valid JSON.
 */
export function findDuplicateKey(json: string): string | null {
  const open: (Set<string> | null)[] = [];
  let lastString = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const keys = open.at(-1);
      if (keys?.has(lastString)) return lastString;
      keys?.add(lastString);
    } else lastString = unquote(token);
  }
  return null;
}

function unquote(token: string): string {
  const text: unknown = JSON.parse(token);
  return String(text);
}
