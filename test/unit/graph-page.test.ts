import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { largestPage, usualPage } from '#schema/connection.ts'
import { schema } from '#schema/index.ts'
import { limits } from '#schema/limit.ts'
import { root } from '../support/sources.ts'

const page = readFileSync(join(root, 'docs/graph.md'), 'utf8')
const words = page.replaceAll(/\s+/g, ' ')

describe('docs/graph.md', () => {
  it('shows operations that the schema takes', () => {
    const shown = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => text)
    expect(shown).toHaveLength(1)
    for (const text of shown) expect(validate(schema, parse(text))).toEqual([])
  })

  it('tells the numbers that hold', () => {
    const told = (count: number) => count.toLocaleString('en-US')
    expect(words).toContain(`${told(usualPage)} rows if nothing is said, ${told(largestPage)} at most`)
    expect(words).toContain(
      `${told(limits.tokens)} tokens, ${limits.depth} levels, ${limits.rootFields} root fields, ${told(limits.fields)} fields with fragments written out, ${limits.aliases} aliases or ${limits.directives} directives`,
    )
    expect(words).toContain(`more than ${told(limits.cost)} objects`)
  })

  it('names files that exist', () => {
    const named = [...page.matchAll(/`((?:src|test)\/[^`]+)`|\]\(([^)]+\.md)\)/g)]
    expect(named.length).toBeGreaterThan(5)
    for (const [, path, link] of named) readFileSync(join(root, path ?? `docs/${link}`))
  })
})
