/** What the panel adds to the sheet of the launcher. */
export function panelSheet(): CSSStyleSheet {
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
