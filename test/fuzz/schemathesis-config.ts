import type { Credential } from './credentials.ts';
import { type Thing, valuesFor } from './things.ts';

/** How often a call uses something that exists; else it is made up. */
const KNOWN_SHARE = 0.6;

export interface RunFiles {
  report: string;
  events: string;
}

/** The settings of one run, as schemathesis reads them. Strings of JSON are strings of TOML as well. */
export function schemathesisConfig(credential: Credential, paths: readonly string[], files: RunFiles): string {
  const { schemes, headers, things } = credential;
  return [
    'continue-on-failure = true',
    // A feed has no end.
    'max-stream-events = 1',
    'request-timeout = 30',
    `headers = ${table(headers)}`,
    '[auth]',
    'auto-signup = false',
    ...Object.entries(schemes).flatMap(([name, given]) => [`[auth.openapi.${name}]`, ...lines(given)]),
    '[phases.stateful]',
    'max-steps = 6',
    '[generation]',
    'database = "none"',
    '[output.sanitization]',
    'enabled = false',
    '[reports.json]',
    `path = ${JSON.stringify(files.report)}`,
    '[reports.ndjson]',
    `path = ${JSON.stringify(files.events)}`,
    ...dictionariesOf(things),
    ...paths.flatMap((path) => operationsOf(path, credential, paths)),
    '',
  ].join('\n');
}

function dictionariesOf(things: Credential['things']): string[] {
  return Object.entries(things)
    .filter(([, values]) => values.length > 0)
    .flatMap(([name, values]) => [`[dictionaries.${name}]`, `values = [${values.map(valueOf(name)).join(', ')}]`]);
}

/** Versions are the only numbers among the things. */
function valueOf(name: string): (value: string) => string {
  const numeric: Thing = 'versions';
  return (value) => (name === numeric ? value : JSON.stringify(value));
}

function operationsOf(path: string, { things }: Credential, paths: readonly string[]): string[] {
  const bound = valuesFor(path, things).map(
    ({ parameter, thing }) => `"${parameter}" = { dictionary = "${thing}", probability = ${KNOWN_SHARE} }`,
  );
  return [
    '[[operations]]',
    `include-path = ${JSON.stringify(path)}`,
    ...(isAlsoAnId(path, paths) ? ['[operations.checks.unsupported_method]', 'enabled = false'] : []),
    '[operations.parameters]',
    ...bound,
  ];
}

/** `PATCH /api/team/invites` is a call of `PATCH /api/team/{id}`, whose id names nobody: a 404 and no 405. */
function isAlsoAnId(path: string, paths: readonly string[]): boolean {
  return paths.some((other) => other !== path && new RegExp(`^${other.replaceAll(/\{\w+\}/g, '[^/{}]+')}$`).test(path));
}

function lines(given: Readonly<Record<string, string>>): string[] {
  return Object.entries(given).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
}

function table(given: Readonly<Record<string, string>>): string {
  const fields = Object.entries(given).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`);
  return `{ ${fields.join(', ')} }`;
}
