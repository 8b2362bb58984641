/** A checkpoint as the commands print it. */
import type { CheckpointStatus } from '../../index.js';
import { count, described, flag, object, oneOf, text } from '../schema.js';

const milliseconds = described({ anyOf: [count, { type: 'null' }] }, 'milliseconds; null: for ever');

export const attributesSchema = object({
  update: oneOf('all-replicas', 'active-replica', 'active-replica-weak'),
  collocated: flag,
  checkpointSize: described(count, 'bytes that sections may hold together'),
  retentionDuration: milliseconds,
  maxSections: count,
  maxSectionSize: count,
  maxSectionIdSize: count,
});

export const checkpointSchema = {
  name: text,
  attributes: attributesSchema,
  numberOfSections: count,
  memoryUsed: described(count, 'bytes in sections'),
};

/** Its fields in the order of the schema. JSON has no Infinity: it becomes null. */
export function checkpointDocument(name: string, { attributes, numberOfSections, memoryUsed }: CheckpointStatus) {
  return { name, attributes, numberOfSections, memoryUsed };
}
