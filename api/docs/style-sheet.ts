/** System fonts and colours of the reader's own choice: nothing is fetched. */
export const STYLE_SHEET = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 3rem; }
h3 a { text-decoration: none; }
h4 { margin: 1rem 0 .25rem; }
code { font: 90% ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: .4rem; overflow-x: auto; padding: .75rem; }
pre code { overflow-wrap: normal; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .75rem .3rem 0; text-align: start; vertical-align: top; }
nav ul { columns: 20rem; list-style: none; padding: 0; }
section { scroll-margin-top: 1rem; }
section.route { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: 0 1rem 1rem; }
:target { outline: 2px solid currentColor; outline-offset: 4px; }
`;
