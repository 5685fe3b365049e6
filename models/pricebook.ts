import type { Knex } from 'knex';

import type { PricebookDocument } from '#domain/pricebook/pricebook-document.ts';
import { pricebookContent, pricebookHashInput } from '#domain/pricebook/pricebook-hash.ts';
import { PRICEBOOK_V1 } from '#domain/pricebook/pricebook-v1.ts';
import { planOf } from '#domain/pricebook/rates-of.ts';
import { validatePricebook } from '#domain/pricebook/validate-pricebook.ts';
import { sha256Hex } from '#platform/digest.ts';

export interface PublishedPricebook {
  version: number;
  state: 'published' | 'withdrawn';
  effectiveAt: Date;
  publishedAt: Date;
  sha256: string;
  prevSha256: string | null;
  document: PricebookDocument;
}

/** Published documents never change, so a process reads and parses each of them once. */
export interface Pricebooks {
  byVersion(version: number): Promise<PublishedPricebook | null>;
  /** The version whose rates a period that starts at this moment gets. */
  effectiveAt(at: Date): Promise<PublishedPricebook | null>;
}

interface PricebookRow {
  version: number;
  state: 'published' | 'withdrawn';
  effective_at: Date;
  published_at: Date;
  sha256: string;
  prev_sha256: string | null;
  document: PricebookDocument;
}

const COLUMNS = `b.version, b.state, b.effective_at, b.published_at, b.sha256, b.prev_sha256,
  cast(b.content as jsonb) as document`;

export function createPricebooks(knex: Knex): Pricebooks {
  const known = new Map<number, PublishedPricebook>();
  async function byVersion(version: number): Promise<PublishedPricebook | null> {
    const kept = known.get(version);
    if (kept !== undefined) return kept;
    const found = await findPricebook(knex, version);
    if (found !== null) known.set(version, found);
    return found;
  }
  return {
    byVersion,
    async effectiveAt(at) {
      const version = await effectiveVersion(knex, at);
      return version === null ? null : byVersion(version);
    },
  };
}

export async function findPricebook(knex: Knex, version: number): Promise<PublishedPricebook | null> {
  const { rows } = await knex.raw<{ rows: PricebookRow[] }>(
    `select ${COLUMNS} from pricebook_version b where b.version = ?`,
    [version],
  );
  return rows.map(readRow)[0] ?? null;
}

/** Newest first. */
export async function listPricebooks(knex: Knex): Promise<PublishedPricebook[]> {
  const { rows } = await knex.raw<{ rows: PricebookRow[] }>(
    `select ${COLUMNS} from pricebook_version b order by b.version desc`,
  );
  return rows.map(readRow);
}

/** A moment before the first version takes that one: nothing is unpriced. */
export async function effectiveVersion(knex: Knex, at: Date): Promise<number | null> {
  const { rows } = await knex.raw<{ rows: { version: number }[] }>(
    `select b.version from pricebook_version b where b.state = 'published' and (b.effective_at <= ? or b.version = 1)
     order by b.version desc limit 1`,
    [at],
  );
  return rows[0]?.version ?? null;
}

/** Whether somebody may take this plan now. */
export async function isPlanOnSale(knex: Knex, { planKey, at }: { planKey: string; at: Date }): Promise<boolean> {
  const version = await effectiveVersion(knex, at);
  const book = version === null ? null : await findPricebook(knex, version);
  return book !== null && planOf(book.document, planKey) !== null;
}

/** First data: version 1, once. A second call finds it and changes nothing. */
export async function publishFirstPricebook(knex: Knex, { at, by }: { at: Date; by: string }): Promise<void> {
  await publish(knex, PRICEBOOK_V1, { at, by });
}

/** Versions are gapless and each names the hash of the one before; a second publish of one number is refused. */
async function publish(knex: Knex, book: PricebookDocument, { at, by }: { at: Date; by: string }): Promise<void> {
  const faults = validatePricebook(book);
  if (faults.length > 0) throw new Error(`pricebook version ${book.version} is not valid: ${JSON.stringify(faults)}`);
  const content = pricebookContent(book);
  await knex.raw(
    `insert into pricebook_version (version, effective_at, published_at, published_by, sha256, prev_sha256, content)
     values (:version, :effectiveAt, :at, :by, :sha256, :prevSha256, :content) on conflict (version) do nothing`,
    {
      version: book.version,
      effectiveAt: book.effective_at,
      at,
      by,
      sha256: sha256Hex(pricebookHashInput(content)),
      prevSha256: book.prev_sha256,
      content,
    },
  );
}

function readRow(row: PricebookRow): PublishedPricebook {
  return {
    version: row.version,
    state: row.state,
    effectiveAt: row.effective_at,
    publishedAt: row.published_at,
    sha256: row.sha256,
    prevSha256: row.prev_sha256,
    document: row.document,
  };
}
