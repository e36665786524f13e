// Contracts that came, went, or show what they hid. What is new in the graph is new in a contract too and no leak; what
// was there and was hidden is one, whether a tag went or the filter changed.
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import type { Draft, Rule } from './rule.ts';

/** The coordinates of types, fields and enum values of a schema. */
function coordinatesOf(schema: GraphQLSchema): Set<string> {
  const found = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    found.add(type.name);
    if (isEnumType(type)) for (const { name } of type.getValues()) found.add(`${type.name}.${name}`);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const name of Object.keys(type.getFields())) found.add(`${type.name}.${name}`);
    if (isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      for (const { name } of field.args) found.add(`${type.name}.${field.name}(${name}:)`);
    }
  }
  return found;
}

/** What a view shows now and hid before, the outermost of it. */
function newlyShown(before: GraphQLSchema, after: GraphQLSchema, wasThere: ReadonlySet<string>): string[] {
  const shown = coordinatesOf(before);
  const added = new Set([...coordinatesOf(after)].filter((each) => !shown.has(each) && wasThere.has(each)));
  const isWithin = (each: string): boolean => {
    const field = each.replace(/\(.*$/, '');
    return (field !== each && added.has(field)) || (each.includes('.') && added.has(each.split('.')[0] ?? ''));
  };
  return [...added].filter((each) => !isWithin(each));
}

/** Finds contracts that came, went or show more. */
export const contractsChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  const wasThere = new Set(base.facts.elements.keys());
  for (const name of new Set([...base.contracts.keys(), ...head.contracts.keys()])) {
    const views = [name];
    const [before, after] = [base.views.get(name), head.views.get(name)];
    if (!base.contracts.has(name)) {
      drafts.push({ code: 'CONTRACT_ADDED', views, after: name, what: `The contract ${name} is new.` });
    } else if (!head.contracts.has(name)) {
      drafts.push({ code: 'CONTRACT_REMOVED', views, before: name, what: `The contract ${name} is gone.` });
    } else if (before !== undefined && after !== undefined) {
      for (const coordinate of newlyShown(before, after, wasThere)) {
        const what = `The contract ${name} hid ${coordinate}, and shows it now.`;
        drafts.push({ code: 'CONTRACT_SHOWS_MORE', coordinate, views, after: name, what });
      }
    }
  }
  return drafts;
};
