/** Whether a text names a time zone of the IANA list. Bare offsets and abbreviations change their meaning elsewhere. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Za-z][\w+-]*(?:\/[\w+-]+)+$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
