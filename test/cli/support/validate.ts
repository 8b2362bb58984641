/**
 * What is wrong with a document, by the parts of JSON Schema that the schemas of commands use. Stricter than JSON Schema in one point:
 * a field that a schema does not name is wrong, so nothing is printed that is not documented.
 */
import type { JsonSchema } from '../../../src/cli/schema.js';

const KNOWN = new Set([
  ...['$schema', 'title', 'description', 'type', 'properties', 'required', 'additionalProperties', 'items', 'enum'],
  ...['anyOf', 'pattern', 'minimum'],
]);

export function validate(value: unknown, schema: JsonSchema, path = '$'): string[] {
  const unknown = Object.keys(schema).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) return [`${path}: the schema has ${unknown.join(', ')}, which nobody validates`];
  const problems: string[] = [];
  const { anyOf, pattern, minimum } = schema;
  if (schema.type !== undefined && !isOf(value, schema.type))
    problems.push(`${path}: ${typeof value}, no ${schema.type}`);
  if (schema.enum !== undefined && !schema.enum.includes(value as string))
    problems.push(`${path}: ${value} is no choice`);
  if (anyOf?.every((one) => validate(value, one, path).length > 0)) problems.push(`${path}: none of ${anyOf.length}`);
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(String(value))) problems.push(`${path}: not ${pattern}`);
  if (minimum !== undefined && !(Number(value) >= minimum)) problems.push(`${path}: ${value} is below ${minimum}`);
  if (problems.length > 0) return problems;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, index) => validate(item, items, `${path}[${index}]`));
  }
  const isRecord = typeof value === 'object' && value !== null;
  return isRecord ? validateFields(value as Record<string, unknown>, schema, path) : [];
}

function validateFields(value: Record<string, unknown>, schema: JsonSchema, path: string): string[] {
  const { properties, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name}: missing`);
  if (properties === undefined && additionalProperties === undefined) return missing;
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const of = properties?.[name] ?? additionalProperties;
    return of === undefined ? [`${path}.${name}: not in the schema`] : validate(field, of, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

function isOf(value: unknown, type: NonNullable<JsonSchema['type']>): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
