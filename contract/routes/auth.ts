import { LoggedIn, LogIn, LogOut, Me } from '../auth.ts';
import type { RouteDocument } from './route-document.ts';

const LOGGED_IN = { description: 'Signed in; the session cookie is set as well', schema: LoggedIn };
const SIGNED_OUT = { description: 'Signed out' };

export const AUTH_ROUTES: readonly RouteDocument[] = [
  {
    method: 'post',
    path: '/api/auth/login',
    operationId: 'logInOperator',
    tag: 'sign-in',
    summary: 'Sign in as operator staff',
    access: 'public',
    body: LogIn,
    responses: { 200: LOGGED_IN },
    problems: ['invalid-credentials'],
  },
  {
    method: 'post',
    path: '/api/customers/auth/login',
    operationId: 'logInCustomer',
    tag: 'sign-in',
    summary: 'Sign in as a user of a tenant',
    access: 'public',
    body: LogIn,
    responses: { 200: LOGGED_IN },
    problems: ['invalid-credentials'],
  },
  {
    method: 'post',
    path: '/api/auth/logout',
    operationId: 'logOutOperator',
    tag: 'sign-in',
    summary: 'End this session, or all of this user',
    access: 'signed-in',
    body: LogOut,
    isBodyOptional: true,
    responses: { 204: SIGNED_OUT },
  },
  {
    method: 'post',
    path: '/api/customers/auth/logout',
    operationId: 'logOutCustomer',
    tag: 'sign-in',
    summary: 'End this session, or all of this user',
    access: 'signed-in',
    body: LogOut,
    isBodyOptional: true,
    responses: { 204: SIGNED_OUT },
  },
  {
    method: 'get',
    path: '/api/auth/me',
    operationId: 'getMe',
    tag: 'sign-in',
    summary: 'Who is signed in, and what they may do',
    access: 'signed-in',
    responses: { 200: { description: 'The caller', schema: Me } },
  },
];
