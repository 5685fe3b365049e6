function readMemory(key ) {
try {
const kept = JSON.parse(localStorage.getItem(key) ?? 'null');
if (isMemory(kept)) return kept;
} catch {
}
return { id: randomId(), token: null, seq: 0 };
}
function keepMemory(key , memory ) {
try {
localStorage.setItem(key, JSON.stringify(memory));
} catch {
}
}
function randomId() {
const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(15)));
return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_');
}
function isMemory(kept ) {
return typeof kept === 'object' && kept !== null && 'id' in kept && typeof kept.id === 'string';
}
const TRIES = 4;
function openChat(wire ) {
let unsent = { text: '', key: '' };
async function post(text , language ) {
const message = { text, language, key: unsent.key };
const reply = await wire.post(message);
if (reply.status !== 409 && reply.status !== 410) return reply;
wire.remember({ id: reply.body.new_session_id ?? randomId(), token: null, seq: 0 });
return wire.post(message);
}
async function linesAfter(after ) {
const { data = [] } = (await wire.messages(after)).body;
const last = data.at(-1);
if (last !== undefined) wire.remember({ seq: last.seq });
return data.map(({ author, text }) => ({ author: author.type, text: text ?? '' }));
}
return {
history: async () => (wire.memory().token === null ? [] : linesAfter(0)),
news: async () => (await linesAfter(wire.memory().seq)).filter(({ author }) => author !== 'visitor'),
async send(text, language) {
if (unsent.text !== text) unsent = { text, key: randomId() };
for (let tries = 0; tries < TRIES; tries += 1) {
const { status, body } = await post(text, language);
if (status === 401 || status === 403) return refuse(body);
if (body.session_token !== undefined) wire.remember({ token: body.session_token });
if (status === 200) {
unsent = { text: '', key: '' };
wire.remember({ seq: body.seq ?? wire.memory().seq });
return answerOf(body);
}
if (status !== 202) return { kind: 'failed' };
}
return { kind: 'failed' };
},
};
}
function answerOf({ reply, owner } ) {
if (typeof reply === 'string') return { kind: 'answered', lines: [{ author: 'ai', text: reply }] };
return owner === 'ai' ? { kind: 'answered', lines: [] } : { kind: 'waiting' };
}
function refuse({ type, detail } ) {
console.error(`Bob: ${location.origin} may not chat here (${type}). ${detail}`);
return { kind: 'refused' };
}
const TEXTS = {
en: {
close: 'Close',
write: 'Your message',
send: 'Send',
thinking: 'Writing …',
person: 'A person will answer here.',
failed: 'Not sent. Please try again.',
refused: 'This chat is not available here.',
privacy: 'Privacy',
agree: 'Start the chat; it is stored so that you can go on later',
},
es: {
close: 'Cerrar',
write: 'Su mensaje',
send: 'Enviar',
thinking: 'Escribiendo …',
person: 'Una persona responderá aquí.',
failed: 'No se ha enviado. Inténtelo de nuevo.',
refused: 'Este chat no está disponible aquí.',
privacy: 'Privacidad',
agree: 'Iniciar el chat; se guarda para poder continuarlo',
},
it: {
close: 'Chiudi',
write: 'Il suo messaggio',
send: 'Invia',
thinking: 'Sta scrivendo …',
person: 'Una persona risponderà qui.',
failed: 'Non inviato. Riprovi.',
refused: 'Questa chat non è disponibile qui.',
privacy: 'Privacy',
agree: 'Avvia la chat; viene salvata per poterla continuare',
},
nl: {
close: 'Sluiten',
write: 'Uw bericht',
send: 'Verzenden',
thinking: 'Schrijft …',
person: 'Een medewerker antwoordt hier.',
failed: 'Niet verzonden. Probeer het opnieuw.',
refused: 'Deze chat is hier niet beschikbaar.',
privacy: 'Privacy',
agree: 'Start de chat; die wordt bewaard om verder te kunnen gaan',
},
pl: {
close: 'Zamknij',
write: 'Wiadomość',
send: 'Wyślij',
thinking: 'Pisze …',
person: 'Odpowie tu człowiek.',
failed: 'Nie wysłano. Proszę spróbować ponownie.',
refused: 'Ten czat nie jest tu dostępny.',
privacy: 'Prywatność',
agree: 'Rozpocznij czat; jest zapisywany, aby można go było kontynuować',
},
};
const MESSAGE_LENGTH_MAX = '4000';
function buildParts(config , language ) {
const texts = TEXTS[language];
const { title, greeting } = config.texts[language];
const name = title ?? config.name;
const close = element('button', { type: 'button', 'aria-label': texts.close }, ['×']);
const notice = element('p', { class: 'notice' }, [config.disclosure[language], ' ']);
if (/^https?:/.test(config.privacy_url ?? '')) notice.append(privacyLink(config, texts));
const log = element('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': name });
if (greeting !== null) log.append(lineOf({ author: 'system', text: greeting }));
const status = element('p', { class: 'status', role: 'status' });
const words = { 'aria-label': texts.write, placeholder: texts.write };
const input = element('textarea', { rows: '2', maxlength: MESSAGE_LENGTH_MAX, ...words });
const send = element('button', { class: 'main' }, [texts.send]);
const form = element('form', {}, [input, send]);
const agree = element('button', { class: 'main', type: 'button' }, [texts.agree]);
form.hidden = config.consent === 'required';
agree.hidden = config.consent !== 'required';
const head = element('div', { class: 'head' }, [element('strong', {}, [name]), close]);
const inside = [head, notice, log, status, agree, form];
const panel = element('div', { class: 'panel', role: 'dialog', 'aria-label': name }, inside);
panel.hidden = true;
return { panel, close, log, status, input, send, form, agree };
}
function lineOf({ author, text } ) {
const line = element('p', { class: author, dir: 'auto' }, [text]);
if (author === 'ai') line.dataset['aiGenerated'] = 'true';
return line;
}
function privacyLink({ privacy_url } , { privacy } ) {
return element('a', { href: privacy_url ?? '', target: '_blank', rel: 'noopener noreferrer' }, [privacy]);
}
function element (
name ,
attributes ,
children = [],
) {
const made = document.createElement(name);
for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
made.append(...children);
return made;
}
const NEWS_EVERY_MS = 4000;
const STATUS = { waiting: 'person', failed: 'failed', refused: 'refused' } ;
function converse(chat , parts , language ) {
const { panel, log, status, input, send, form, agree } = parts;
const texts = TEXTS[language];
let isBegun = false;
let isWaiting = false;
function add(lines ) {
log.append(...lines.map(lineOf));
log.scrollTop = log.scrollHeight;
}
function tell(sent , text ) {
status.textContent = sent.kind === 'answered' ? '' : texts[STATUS[sent.kind]];
if (sent.kind === 'answered') add(sent.lines);
if (sent.kind === 'failed') {
log.lastElementChild?.remove();
input.value = text;
}
isWaiting = sent.kind === 'waiting';
input.disabled = send.disabled = sent.kind === 'refused';
input.focus();
}
async function submit() {
const text = input.value.trim();
if (text === '' || send.disabled) return;
input.value = '';
add([{ author: 'visitor', text }]);
status.textContent = texts.thinking;
send.disabled = true;
tell(await chat.send(text, language), text);
}
async function begin() {
if (isBegun || form.hidden) return;
isBegun = true;
add(await chat.history());
setInterval(() => void ask(), NEWS_EVERY_MS);
}
async function ask() {
if (isWaiting && !panel.hidden) add(await chat.news());
}
onSubmit(parts, () => void submit());
agree.addEventListener('click', () => {
form.hidden = false;
agree.hidden = true;
void begin();
input.focus();
});
return () => void begin();
}
function onSubmit({ form, input } , submit ) {
form.addEventListener('submit', (event) => {
event.preventDefault();
submit();
});
input.addEventListener('keydown', (event) => {
if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
event.preventDefault();
submit();
});
}
function panelSheet() {
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
* { box-sizing: border-box; font: inherit; }
[hidden] { display: none !important; }
.panel { display: flex; flex-direction: column; width: min(360px, calc(100vw - 32px));
height: min(540px, calc(100vh - 100px)); margin-bottom: 8px; background: #fff; color: #111;
border: 1px solid #8889; border-radius: 12px; overflow: hidden; }
.head { display: flex; justify-content: space-between; align-items: center; padding: 4px 4px 4px 12px; }
.notice, .status { margin: 0; padding: 6px 12px; font-size: 14px; background: #f3f4f6; }
.status:empty { display: none; }
.log { flex: 1; overflow-y: auto; padding: 12px; }
.log p { margin: 0 0 8px; padding: 8px 12px; border-radius: 12px; background: #f3f4f6; width: fit-content;
max-width: 85%; white-space: pre-wrap; overflow-wrap: anywhere; }
.log .visitor { background: #dbeafe; margin-inline-start: auto; }
form { display: flex; gap: 8px; padding: 8px; border-top: 1px solid #8889; }
textarea { flex: 1; min-width: 0; resize: none; padding: 8px; border: 1px solid #767676; border-radius: 8px;
background: #fff; color: #111; }`);
return sheet;
}
function openWire(host , { tenant, business_id, key } ) {
const isOwnPage = location.origin === host;
const path = `${host}/api/${isOwnPage ? '' : 'widget/'}chat`;
const place = `bob:${tenant}`;
let kept = null;
const memory = () => (kept ??= readMemory(place));
async function call(url , init , more = {}) {
const { token } = memory();
const headers = {
...more,
...(isOwnPage || key === null ? {} : { 'X-Widget-Key': key }),
...(token === null ? {} : { 'X-Session-Token': token }),
};
try {
const response = await fetch(url, { ...init, headers, credentials: 'omit' });
const body = await response.json();
return { status: response.status, body: isAnswer(body) ? body : {} };
} catch {
return { status: 0, body: {} };
}
}
return {
memory,
remember(change) {
kept = { ...memory(), ...change };
keepMemory(place, kept);
},
post({ text, key: messageKey, language }) {
const page = location.origin + location.pathname;
const own = isOwnPage ? { business_id } : { context: { language, page } };
const body = JSON.stringify({ session_id: memory().id, message: text, ...own });
const more = { 'Content-Type': 'application/json', 'Idempotency-Key': messageKey };
return call(path, { method: 'POST', body }, more);
},
messages(after) {
const query = new URLSearchParams({ session_id: memory().id, after: String(after) });
if (isOwnPage) query.set('business_id', business_id);
return call(`${path}/messages?${query}`, {});
},
};
}
function isAnswer(body ) {
return typeof body === 'object' && body !== null;
}
function mountPanel({ host, config, language, root, launcher } ) {
const parts = buildParts(config, language);
const { panel, input, close } = parts;
const begin = converse(openChat(openWire(host, config)), parts, language);
root.adoptedStyleSheets = [...root.adoptedStyleSheets, panelSheet()];
root.prepend(panel);
function show(isOpen ) {
panel.hidden = !isOpen;
launcher.setAttribute('aria-expanded', String(isOpen));
if (isOpen) begin();
setTimeout(() => (isOpen ? input : launcher).focus());
}
close.addEventListener('click', () => show(false));
panel.addEventListener('keydown', (event) => {
if (event.key === 'Escape') show(false);
});
return { toggle: () => show(panel.hidden !== false) };
}
export { mountPanel };
