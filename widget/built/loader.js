(function (given) {
'use strict';
const BELOW_WILDCARD = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;
function entriesFor(origin ) {
const { protocol, hostname, port } = new URL(origin);
const labels = hostname.split('.');
const parents = labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
const suffix = port === '' ? '' : `:${port}`;
const wildcards = parents.filter((parent) => BELOW_WILDCARD.test(parent));
return [origin, ...wildcards.map((parent) => `${protocol}//*.${parent}${suffix}`)];
}
function hashOfOrigin(origin ) {
let hash = 0x811c9dc5;
for (const letter of origin) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
return (hash >>> 0).toString(16).padStart(8, '0');
}
const OPEN = { en: 'Chat', es: 'Chat', it: 'Chat', nl: 'Chat', pl: 'Czat' };
function mountLauncher(tag , config , panelUrl ) {
const language = languageOf(tag, config);
const isLeft = (tag.position ?? config.position).endsWith('left');
const host = document.createElement('bob-widget');
host.lang = language;
const root = host.attachShadow({ mode: 'open' });
root.adoptedStyleSheets = [styleSheet(config, isLeft)];
const launcher = document.createElement('button');
launcher.type = 'button';
launcher.className = 'open';
launcher.textContent = OPEN[language];
launcher.setAttribute('aria-expanded', 'false');
root.append(launcher);
let panel = null;
const load = async () => {
const module = await import(panelUrl);
if (!isPanel(module)) throw new TypeError('no panel');
return module.mountPanel({ host: tag.host, config, language, isLeft, root, launcher });
};
launcher.addEventListener('pointerdown', () => {
panel ??= load();
});
launcher.addEventListener('click', () => {
panel ??= load();
panel.then(
(opened) => opened.toggle(),
() => {
panel = null;
console.error(`Bob: the chat cannot be loaded from ${panelUrl}.`);
},
);
});
document.body.append(host);
}
function languageOf({ lang } , { language, fallback_language } ) {
const wishes = [lang, language, document.documentElement.lang, ...navigator.languages];
return wishes.map((wish) => wish?.toLowerCase().split('-')[0] ?? '').find(isSpoken) ?? fallback_language;
}
function isPanel(module ) {
return typeof module === 'object' && module !== null && 'mountPanel' in module;
}
function isSpoken(text ) {
return Object.hasOwn(OPEN, text);
}
function styleSheet({ accent, accent_text } , isLeft ) {
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important;
inset: ${isLeft ? 'auto auto 16px 16px' : 'auto 16px 16px auto'} !important; display: block !important;
font: 16px/1.4 system-ui, sans-serif !important; }
button { font: inherit; min-width: 44px; min-height: 44px; padding: 0 16px; border: 0; border-radius: 22px;
cursor: pointer; background: none; color: inherit; }
.open { display: block; margin-inline: ${isLeft ? '0 auto' : 'auto 0'}; }
.open, .head, .main { background: ${accent}; color: ${accent_text}; }
:focus-visible { outline: 3px solid #111; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }`);
return sheet;
}
function start(given , panelPath ) {
const tag = readTag();
if (tag === null) return warn('the script tag has to be a classic one');
if (given !== null) return show(tag, given, panelPath);
if (tag.key === null) return warn('the script tag needs data-widget-key');
fetch(`${tag.host}/widget/${encodeURIComponent(tag.key)}/config.json`, { credentials: 'omit' })
.then((response) => (response.ok ? response.json() : null))
.then((config ) =>
config === null ? warn('this widget key does not work') : show(tag, config, panelPath),
)
.catch(() => warn('the server cannot be reached'));
}
function readTag() {
const script = document.currentScript;
if (!(script instanceof HTMLScriptElement)) return null;
const { lang, position, widgetKey } = script.dataset;
return { host: new URL(script.src).origin, lang: lang ?? null, position: position ?? null, key: widgetKey ?? null };
}
function show(tag , config , panelPath ) {
const { origin } = location;
if (!config.active) return warn('this widget is switched off');
const refusal = origin === tag.host ? null : refusalOf(config, origin);
if (refusal !== null) return warn(refusal);
if (document.querySelector('bob-widget') !== null) return warn('there is a widget in this page already');
const mount = () => mountLauncher(tag, config, tag.host + panelPath);
if (document.body === null) addEventListener('DOMContentLoaded', mount, { once: true });
else mount();
}
function refusalOf({ key, origins } , origin ) {
if (key === null) return 'this widget has no key that works';
if (entriesFor(origin).some((entry) => origins.includes(hashOfOrigin(entry)))) return null;
return `${origin} is not among the allowed origins of this widget; its owner can add it in the widget settings`;
}
function warn(what ) {
console.warn(`Bob: ${what}.`);
}
start(given, '/widget/v/eb7b1707613f7638/panel.js');
})
