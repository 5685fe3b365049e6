export type JsonRecord = Readonly<Record<string, unknown>>;

/** The JSON object in a text; empty when the text holds none. */
export function parseRecord(text: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    return recordOf(value);
  } catch {
    return {};
  }
}

export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
