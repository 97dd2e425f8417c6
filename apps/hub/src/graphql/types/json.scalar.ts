// Any JSON value, as it stands: the two sides of a difference.
import { GraphQLScalarType } from 'graphql';

export const JsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: () => {
    throw new TypeError('JSON values are not taken as input');
  },
});
