import type { CompletionRequest, OfferedTool } from './completion-request.ts';

export interface ToolCall {
  name: string;
  arguments: string;
}

/** Calls a tool when the visitor's last message names it, or the request insists on one. */
export function chooseTool(request: CompletionRequest): ToolCall | null {
  const last = request.messages.at(-1);
  const choice = request.tool_choice ?? 'auto';
  if (last?.role !== 'user' || choice === 'none') return null;
  const tools = request.tools ?? [];
  const named = tools.find((tool) => isNamed(tool, last.content));
  const tool = typeof choice === 'object' ? tools.find((each) => each.function.name === choice.function.name) : named;
  const called = tool ?? (choice === 'required' ? tools[0] : undefined);
  return called === undefined ? null : { name: called.function.name, arguments: argumentsOf(called, last.content) };
}

/** `find_order` is named by "find_order", "find-order" and "find order". */
function isNamed(tool: OfferedTool, text: string): boolean {
  return spacedWords(text).includes(spacedWords(tool.function.name));
}

function spacedWords(text: string): string {
  return ` ${text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}

/** Arguments stand in the message as a JSON object, or as `name: value` or `name=value` of known properties. */
function argumentsOf(tool: OfferedTool, text: string): string {
  const json = /\{[\s\S]*\}/.exec(text)?.[0];
  if (json !== undefined && isJson(json)) return json;
  const properties = Object.entries(tool.function.parameters?.properties ?? {});
  const found = properties.flatMap(([name, { type }]) => {
    const value = valueAfter(name, text);
    return value === null ? [] : [[name, type === 'number' || type === 'integer' ? Number(value) : value]];
  });
  return JSON.stringify(Object.fromEntries(found));
}

function valueAfter(name: string, text: string): string | null {
  const at = text.toLowerCase().indexOf(name.toLowerCase());
  if (at === -1) return null;
  const value = /^\s*[:=]?\s*(?:"([^"]*)"|([^\s,;?!]+))/.exec(text.slice(at + name.length));
  return value?.[1] ?? value?.[2] ?? null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
