import { z } from 'zod';

import type { RouteDocument } from './route-document.ts';

const HTML = ['text/html'];

export const PAGE_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/',
    operationId: 'getHome',
    tag: 'pages',
    summary: 'A plain page that says what runs here, with the chat',
    access: 'public',
    responses: { 200: { description: 'The page', mediaTypes: HTML } },
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'getOpenapi',
    tag: 'pages',
    summary: 'This document',
    access: 'public',
    responses: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
  },
  {
    method: 'get',
    path: '/docs',
    operationId: 'getDocs',
    tag: 'pages',
    summary: 'This document as a page to read',
    access: 'public',
    responses: { 200: { description: 'The page', mediaTypes: HTML } },
  },
  {
    method: 'get',
    path: '/docs/reference.css',
    operationId: 'getDocsStyleSheet',
    tag: 'pages',
    summary: 'How the page to read looks',
    access: 'public',
    responses: { 200: { description: 'The style sheet', mediaTypes: ['text/css'] } },
  },
  {
    method: 'get',
    path: '/problems',
    operationId: 'listProblems',
    tag: 'pages',
    summary: 'Every problem type',
    access: 'public',
    responses: { 200: { description: 'The page', mediaTypes: HTML } },
  },
  {
    method: 'get',
    path: '/problems/:slug',
    operationId: 'getProblem',
    tag: 'pages',
    summary: 'What a problem type means and what to do about it',
    access: 'public',
    params: z.object({ slug: z.string().meta({ example: 'not-found' }) }),
    responses: { 200: { description: 'The page', mediaTypes: HTML } },
    problems: ['not-found'],
  },
];
