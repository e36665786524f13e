// Adds an entry to schema-approvals.yaml and keeps what people wrote into it: comments, order, blank lines.
import { Document, isSeq, parseDocument, Scalar, YAMLSeq } from 'yaml';
import type { Approval } from './readApprovals.ts';

const HEADER = ' Changes of the schema that were reviewed and may break what they break: docs/schema-approvals.md';

function openDocument(text: string): Document {
  const parsed = parseDocument(text);
  if (isSeq(parsed.contents)) return parsed;
  const document = new Document(new YAMLSeq());
  // What stood in a file without an entry stood at its top.
  document.commentBefore = [parsed.commentBefore, parsed.comment].filter((part) => part != null).join('\n') || HEADER;
  return document;
}

/** Takes the text of a file without faults, empty where there is none yet; gives the text with one more entry. */
export function addApproval(text: string, approval: Omit<Approval, 'line'>): string {
  const document = openDocument(text);
  const { fingerprint, change, reason, approvers, until } = approval;
  const name = new Scalar(fingerprint);
  // Digits alone would be a number.
  name.type = Scalar.QUOTE_SINGLE;
  const names = new YAMLSeq();
  names.flow = true;
  for (const approver of approvers) names.add(document.createNode(approver));
  const said = { fingerprint: name, ...(change !== undefined && { change }), reason, approvers: names, until };
  const entry = document.createNode(said);
  if (isSeq(document.contents)) {
    // An entry that follows `[]` would be written on its line.
    document.contents.flow = false;
    document.contents.add(entry);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
