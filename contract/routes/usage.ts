import { BalanceView, LedgerQuery, LedgerView, UsageLineList, UsageLinesQuery } from '../usage.ts';
import type { RouteDocument } from './route-document.ts';

export const USAGE_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/usage/balance',
    operationId: 'getBalance',
    tag: 'usage',
    summary: 'What is left, grant by grant, at this moment',
    access: 'usage.read',
    responses: { 200: { description: 'The balance, from one snapshot', schema: BalanceView } },
  },
  {
    method: 'get',
    path: '/api/usage/lines',
    operationId: 'listUsageLines',
    tag: 'usage',
    summary: 'Every priced line with its formula, newest turn first',
    access: 'usage.read',
    query: UsageLinesQuery,
    responses: { 200: { description: 'A page of lines', schema: UsageLineList } },
  },
  {
    method: 'get',
    path: '/api/usage/ledger',
    operationId: 'readLedger',
    tag: 'usage',
    summary: 'The chained ledger from a number on, with its head',
    access: 'usage.read',
    query: LedgerQuery,
    responses: { 200: { description: 'A stretch of the chain', schema: LedgerView } },
  },
];
