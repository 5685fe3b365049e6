import { z } from 'zod';

const TextPart = z.object({ type: z.literal('text'), text: z.string() });

const Message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([z.string(), z.array(TextPart)])
    .nullish()
    .transform((content) =>
      typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join(''),
    ),
});

const Tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1),
    parameters: z.object({ properties: z.record(z.string(), z.object({ type: z.unknown() })).optional() }).optional(),
  }),
});

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);

/** What we read of OpenAI's chat completion request; every other field is allowed and has no effect. */
export const CompletionRequest = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  n: z.literal(1, { error: 'only one choice is offered' }).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;
export type OfferedTool = z.infer<typeof Tool>;
