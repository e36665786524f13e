// What a template's input and patch may hold, and the fields they become. Pure.
import { checkOptionalText, checkText, firstFault } from '../../kit/write/checkInput.ts';
import type { Channel, TemplateDocument } from '../documents.ts';
import type { NaturalInput, NaturalKind, PatchInput } from '../../kit/write/naturalItems.ts';

const BODY_LENGTH_MAX = 20_000;

interface TemplateContent {
  readonly name?: string | null;
  readonly channel?: Channel;
  readonly subject?: string | null;
  readonly body?: string | null;
}

/** A new or known template. */
export interface TemplateInput extends TemplateContent, NaturalInput {
  readonly name: string;
  readonly channel: Channel;
  readonly body: string;
}

/** What to change in a template. */
export interface TemplatePatch extends Omit<TemplateContent, 'channel'>, PatchInput {}

/** What is particular to templates. */
export const TEMPLATE_KIND: NaturalKind<TemplateDocument, TemplateContent, TemplateInput> = {
  check: ({ name, subject, body }) =>
    firstFault(
      name === undefined ? undefined : checkText('name', name, 200),
      checkOptionalText('subject', subject, 200),
      body === undefined ? undefined : checkText('body', body, BODY_LENGTH_MAX),
    ),
  fieldsOf: ({ name, channel, subject, body }) => ({
    ...(name != null && { name }),
    ...(channel !== undefined && { channel }),
    ...(subject !== undefined && { subject }),
    ...(body != null && { body }),
  }),
  first: ({ name, channel, subject = null, body }, key) => ({ ...key, name, channel, subject, body }),
};
