import knexFactory, { type Knex } from 'knex';

type Bindings = Readonly<Record<string, unknown>>;

/** What knex makes of `raw`, as far as it is used here. */
interface RawStatement {
  toSQL(): { sql: string; bindings: unknown[] };
}

/** A statement as PostgreSQL is to get it, and whose value stands at each of its places. */
interface Translation {
  sql: string;
  placed: readonly string[];
  /** The names it was given; with others it would be another statement. */
  given: readonly string[];
}

/** Statements of the product are constants; more than this many texts would mean that one is built from data. */
const KEPT_MAX = 300;

const translations = new Map<string, Translation>();
const translated = new Set<string>();

const PostgresClient = postgresDialect();

/**
 * knex searches the whole text of a statement for names, then for places, each time it is run: a third of what a long
 * one costs this process. Here it does so once. The text that comes out is one and the same string from then on, so
 * that looking up its name and comparing it in the driver cost next to nothing either. What `raw` can be given later on
 * (`timeout`, `wrap`, `options`) has no effect on a statement with names.
 */
export class TranslatedStatements extends PostgresClient {
  override raw(...given: readonly unknown[]): unknown {
    const [sql, bindings] = given;
    const raw: unknown = super.raw(...given);
    if (typeof sql !== 'string' || !isPlain(bindings) || !isRaw(raw)) return raw;
    const translation = translations.get(sql) ?? translate(this, sql, bindings);
    if (translation !== null && fits(translation, bindings)) raw.toSQL = () => fill(translation, bindings);
    return raw;
  }

  override positionBindings(sql: string): unknown {
    return translated.has(sql) ? sql : super.positionBindings(sql);
  }
}

/** Names and values only: parts of a statement, and values that are missing, are left to knex. */
function isPlain(bindings: unknown): bindings is Bindings {
  if (typeof bindings !== 'object' || bindings === null || Array.isArray(bindings)) return false;
  if (Object.getPrototypeOf(bindings) !== Object.prototype) return false;
  return Object.values(bindings).every(
    (value) => value !== undefined && typeof value !== 'function' && !(value instanceof Object && 'toSQL' in value),
  );
}

/** `:name:` names a column: the text differs from call to call. What only looks like one is left to knex as well. */
const NAMES_COLUMN = /(?<!:):\w+:(?!:)/;

/** By knex itself, with each name as its own value. */
function translate(client: Knex.Client, sql: string, bindings: Bindings): Translation | null {
  if (translations.size >= KEPT_MAX || NAMES_COLUMN.test(sql)) return null;
  const given = Object.keys(bindings);
  const named = Object.fromEntries(given.map((name) => [name, name]));
  const raw: unknown = PostgresClient.prototype.raw.call(client, sql, named);
  if (!isRaw(raw)) return null;
  const compiled = raw.toSQL();
  const translation = {
    sql: String(PostgresClient.prototype.positionBindings.call(client, compiled.sql)),
    placed: compiled.bindings.map(String),
    given,
  };
  translations.set(sql, translation);
  translated.add(translation.sql);
  return translation;
}

function fits({ given }: Translation, bindings: Bindings): boolean {
  return Object.keys(bindings).length === given.length && given.every((name) => name in bindings);
}

function fill({ sql, placed }: Translation, bindings: Bindings) {
  return { method: 'raw', sql, bindings: placed.map((name) => bindings[name]), options: {} };
}

/** knex keeps its dialects to itself: this is the one of an instance that connects to nothing. */
function postgresDialect(): typeof Knex.Client {
  const unconnected: unknown = knexFactory({ client: 'pg' }).client;
  const dialect = unconnected instanceof knexFactory.Client ? unconnected.constructor : null;
  if (!isDialect(dialect)) throw new Error('knex has no dialect for PostgreSQL');
  return dialect;
}

function isDialect(value: unknown): value is typeof Knex.Client {
  return typeof value === 'function' && value.prototype instanceof knexFactory.Client;
}

function isRaw(value: unknown): value is RawStatement {
  return value instanceof Object && 'toSQL' in value && typeof value.toSQL === 'function';
}
