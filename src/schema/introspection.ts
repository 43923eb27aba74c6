import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

const hidden = ['__schema', '__type']

/** A validation rule for gateways that do not tell their schema: `__typename` alone may be asked for. */
export function noIntrospectionRule(context: ValidationContext): ASTVisitor {
  return {
    Field(field) {
      if (!hidden.includes(field.name.value)) return
      const extensions = { code: 'INTROSPECTION_DISABLED', http: { status: 400 } }
      context.reportError(new GraphQLError('Introspection is off here.', { nodes: [field], extensions }))
    },
  }
}
