import { CurrentPricebook, PricebookList, PricebookParams, PricebookView } from '../pricebook.ts';
import type { RouteDocument } from './route-document.ts';

const ETAG = { ETag: 'From the hashes of the documents' };
const UNCHANGED = { description: 'Unchanged since the ETag that was sent' };

export const PRICEBOOK_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/pricebook',
    operationId: 'getPricebook',
    tag: 'pricebook',
    summary: 'The prices in force, and the ones announced',
    access: 'public',
    responses: {
      200: { description: 'Current version and the next one', schema: CurrentPricebook, headers: ETAG },
      304: UNCHANGED,
    },
  },
  {
    method: 'get',
    path: '/api/pricebook/versions',
    operationId: 'listPricebooks',
    tag: 'pricebook',
    summary: 'Every version ever published, newest first',
    access: 'public',
    responses: { 200: { description: 'All versions', schema: PricebookList, headers: ETAG }, 304: UNCHANGED },
  },
  {
    method: 'get',
    path: '/api/pricebook/versions/:version',
    operationId: 'getPricebookVersion',
    tag: 'pricebook',
    summary: 'One version, as it was published',
    access: 'public',
    params: PricebookParams,
    responses: { 200: { description: 'The version', schema: PricebookView, headers: ETAG }, 304: UNCHANGED },
    problems: ['not-found'],
  },
];
