/** What a command prints with --json, as a JSON Schema beside the command. Here are the parts of JSON Schema that these use. */
import { type Command, CommanderError } from 'commander';

export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** Of all fields that `properties` does not name. Left out: a later version may say more. */
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly (string | number | boolean)[];
  readonly anyOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minimum?: number;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const schemas = new WeakMap<Command, JsonSchema>();

/** Gives a command --json, and --schema to print what that is: it works without the arguments that the command needs. */
export function documented(command: Command, schema: JsonSchema): Command {
  schemas.set(command, schema);
  return command
    .option('--json', 'print JSON')
    .option('--schema', 'print the JSON Schema of what --json prints')
    .on('option:schema', () => {
      const document = { $schema: DIALECT, title: pathOf(command), ...schema };
      command.configureOutput().writeOut?.(JSON.stringify(document));
      throw new CommanderError(0, 'ais.schema', 'the schema was printed');
    });
}

export function schemaOf(command: Command): JsonSchema | undefined {
  return schemas.get(command);
}

/** As it is typed: `ais ckpt list`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

// --- parts of schemas --------------------------------------------------------------------------------------------------------

/** All of `properties` are always there, and `optional` sometimes. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return { type: 'object', properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

/** The same for each field, whatever their names. */
export function record(additionalProperties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function oneOf(...values: readonly (string | number | boolean)[]): JsonSchema {
  return { enum: values };
}

export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

export const text: JsonSchema = { type: 'string' };
export const flag: JsonSchema = { type: 'boolean' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const nodeId: JsonSchema = { type: 'integer', minimum: 1, description: 'node id' };
/** Milliseconds since the Unix epoch. */
export const moment: JsonSchema = { type: 'integer', minimum: 0, description: 'milliseconds since the Unix epoch' };
