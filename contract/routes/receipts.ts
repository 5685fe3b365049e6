import { ReceiptParams, ReceiptView } from '../receipts.ts';
import type { RouteDocument } from './route-document.ts';

export const RECEIPT_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/receipts/:turn_id',
    operationId: 'getReceipt',
    tag: 'receipts',
    summary: 'Who answered a message under which version, from what, at which price; byte for byte as it was hashed',
    access: 'sessions.read',
    params: ReceiptParams,
    responses: { 200: { description: 'The receipt of an ended turn', schema: ReceiptView } },
  },
];
