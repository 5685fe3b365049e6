import {
  CreatePersona,
  EditPersona,
  IfMatch,
  NoFields,
  PersonaDiff,
  PersonaDiffParams,
  PersonaList,
  PersonaParams,
  PersonaQuery,
  PersonaVersionList,
  PersonaVersionParams,
  PersonaVersionQuery,
  PersonaVersionView,
  PersonaView,
  PublishPersona,
  WholePersonaVersion,
} from '../personas.ts';
import type { RouteDocument } from './route-document.ts';

const PERSONAS = '/api/personas';
const TAG = 'personas';
const ETAG = { ETag: 'The content_hash, for If-Match' };
const PERSONA = { description: 'The persona', schema: PersonaView, headers: ETAG };

const EDITING: readonly RouteDocument[] = [
  {
    method: 'get',
    path: PERSONAS,
    operationId: 'listPersonas',
    tag: TAG,
    summary: 'Every persona, oldest first',
    access: 'persona.edit',
    query: PersonaQuery,
    responses: { 200: { description: 'A page of personas', schema: PersonaList } },
  },
  {
    method: 'post',
    path: PERSONAS,
    operationId: 'createPersona',
    tag: TAG,
    summary: 'Begin a persona with a draft; it speaks once it is published',
    access: 'persona.edit',
    body: CreatePersona,
    idempotent: true,
    responses: { 201: PERSONA },
    problems: ['conflict'],
  },
  {
    method: 'get',
    path: `${PERSONAS}/:id`,
    operationId: 'getPersona',
    tag: TAG,
    summary: 'One persona: its draft, or what is live where nothing waits to be published',
    access: 'persona.edit',
    params: PersonaParams,
    responses: { 200: PERSONA },
  },
  {
    method: 'patch',
    path: `${PERSONAS}/:id`,
    operationId: 'editPersona',
    tag: TAG,
    summary: 'Edit the draft; visitors hear of it when it is published',
    description:
      'Fields that are absent stay as they are. What equals the live version again leaves no draft. ' +
      'Send `If-Match` so that nobody overwrites what a colleague has saved meanwhile.',
    access: 'persona.edit',
    params: PersonaParams,
    headers: IfMatch,
    body: EditPersona,
    responses: { 200: PERSONA },
    problems: ['stale-draft'],
  },
  {
    method: 'delete',
    path: `${PERSONAS}/:id`,
    operationId: 'archivePersona',
    tag: TAG,
    summary: 'Archive a persona; conversations that run under it go on',
    access: 'persona.publish',
    params: PersonaParams,
    responses: { 204: { description: 'Archived' } },
    problems: ['default-persona'],
  },
];

const PUBLISHING: readonly RouteDocument[] = [
  {
    method: 'post',
    path: `${PERSONAS}/:id/publish`,
    operationId: 'publishPersona',
    tag: TAG,
    summary: 'Make the draft the next version; conversations that begin from now on are under it',
    access: 'persona.publish',
    params: PersonaParams,
    headers: IfMatch,
    body: PublishPersona,
    idempotent: true,
    responses: { 201: { description: 'The version', schema: PersonaVersionView } },
    problems: ['no-draft', 'stale-draft'],
  },
  {
    method: 'post',
    path: `${PERSONAS}/:id/versions/:n/restore`,
    operationId: 'restorePersonaVersion',
    tag: TAG,
    summary: 'Publish the content of an earlier version under a new number; a draft stays as it is',
    access: 'persona.publish',
    params: PersonaVersionParams,
    body: NoFields,
    idempotent: true,
    responses: { 201: { description: 'The new version', schema: PersonaVersionView } },
    problems: ['conflict'],
  },
  {
    method: 'post',
    path: `${PERSONAS}/:id/default`,
    operationId: 'setDefaultPersona',
    tag: TAG,
    summary: 'Let conversations that name no persona begin under this one',
    access: 'persona.publish',
    params: PersonaParams,
    body: NoFields,
    responses: { 200: PERSONA },
    problems: ['conflict'],
  },
];

const READING: readonly RouteDocument[] = [
  {
    method: 'get',
    path: `${PERSONAS}/:id/versions`,
    operationId: 'listPersonaVersions',
    tag: TAG,
    summary: 'What was published, newest first',
    access: 'persona.edit',
    params: PersonaParams,
    query: PersonaVersionQuery,
    responses: { 200: { description: 'A page of versions', schema: PersonaVersionList } },
  },
  {
    method: 'get',
    path: `${PERSONAS}/:id/versions/:n`,
    operationId: 'getPersonaVersion',
    tag: TAG,
    summary: 'One version with its whole snapshot',
    access: 'persona.edit',
    params: PersonaVersionParams,
    responses: { 200: { description: 'The version', schema: WholePersonaVersion } },
  },
  {
    method: 'get',
    path: `${PERSONAS}/:id/versions/:n/diff/:m`,
    operationId: 'diffPersonaVersions',
    tag: TAG,
    summary: 'Where version m differs from version n',
    access: 'persona.edit',
    params: PersonaDiffParams,
    responses: { 200: { description: 'Every place that differs', schema: PersonaDiff } },
  },
];

export const PERSONA_ROUTES: readonly RouteDocument[] = [...EDITING, ...PUBLISHING, ...READING];
