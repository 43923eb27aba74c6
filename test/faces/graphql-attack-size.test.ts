import { afterAll, beforeAll, it } from 'vitest'
import { type Attack, expectRefused, openTarget, type Target, times } from './attack.ts'

/** `{ node(id) { ...on QueuedJob { latestExecution { job { latestExecution … } } } } }`, so many levels deep. */
const chain = (depth: number) =>
  `{ jobs(first: 1) { edges { node { ${'latestExecution { job { '.repeat(depth)} id ${'} }'.repeat(depth)} } } } }`
/** Fragments that each spread the next twice. */
const bomb = (levels: number) =>
  [
    '{ jobs { edges { node { ...f0 } } } }',
    ...Array.from({ length: levels }, (_, n) => `fragment f${n} on Job { a: status ...f${n + 1} ...f${n + 1} }`),
    `fragment f${levels} on Job { status }`,
  ].join('\n')
/** The same through lists, which multiplies rows. */
const listBomb = (levels: number) =>
  [
    '{ jobs(first: 100) { edges { node { ...f0 } } } }',
    ...Array.from(
      { length: levels },
      (_, n) => `fragment f${n} on Job { executions(first: 100) { edges { node { job { ...f${n + 1} } } } } }`,
    ),
    `fragment f${levels} on Job { id }`,
  ].join('\n')

/** Pages of executions of jobs of executions …, each of the usual size. */
function nested(levels: number): string {
  return `{ jobs { edges { node { ${'executions { edges { node { job { '.repeat(levels)} id ${'} } } }'.repeat(levels)} } } } }`
}

const sizes: readonly Attack[] = [
  ['G1', 'depth 100', ({ post }) => post(chain(50)), 400, 'LIMIT_EXCEEDED'],
  ['G1', 'pages within pages', ({ post }) => post(nested(4)), 400, 'LIMIT_EXCEEDED'],
  ['G2', 'fan-out of lists through fragments', ({ post }) => post(listBomb(3)), 400, 'LIMIT_EXCEEDED'],
  [
    'G3',
    '101 aliases of a cheap field',
    ({ post }) => post(`{ ${times(101, (n) => `a${n}: __typename`)} }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G4',
    '10,000 aliased root fields',
    ({ post }) => post(`{ ${times(10_000, (n) => `a${n}: changeIndex { value }`)} }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G4',
    '21 root fields through a fragment',
    ({ post }) => post(`{ ...f } fragment f on Query { ${times(21, () => '__typename')} }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G5',
    'one field 10,000 times',
    ({ post }) => post(`{ changeIndex { ${times(10_000, () => 'value')} } }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G6',
    '2,000 conflicting arguments',
    ({ post }) => post(`{ ${times(2_000, (n) => `job(number: ${n}) { id }`)} }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G6',
    'as many conflicting arguments as the tokens allow',
    ({ post }) => post(`{ ${times(110, (n) => `job(number: ${n}) { id }`)} }`),
    400,
  ],
  [
    'G7',
    '1,000 directives',
    ({ post }) => post(`{ changeIndex { value ${times(1_000, () => '@skip(if: false)')} } }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G7',
    '150 directives, within the tokens',
    ({ post }) => post(`{ changeIndex { value ${times(150, () => '@skip(if: false)')} } }`),
    400,
  ],
  ['G7', '1,000 unknown directives', ({ post }) => post(`{ changeIndex { value ${times(1_000, () => '@x')} } }`), 400],
  ['G7', '60 unknown directives', ({ post }) => post(`{ changeIndex { value ${times(60, () => '@x')} } }`), 400],
  ...[5_000, 50_000].map(
    (depth): Attack => [
      'G8',
      `a list nested ${depth} deep`,
      ({ post }) => post(`{ node(id: ${'['.repeat(depth)}${']'.repeat(depth)}) { id } }`),
      400,
      'LIMIT_EXCEEDED',
    ],
  ),
  [
    'G9',
    'a selection nested 20,000 deep',
    ({ post }) => post('{a'.repeat(20_000) + '}'.repeat(20_000)),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G10',
    'circular fragments',
    ({ post }) => post('{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'),
    400,
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['G11', 'a fragment bomb of 2^24', ({ post }) => post(bomb(24)), 400],
  ['G12', 'a fragment bomb through lists', ({ post }) => post(listBomb(16)), 400, 'LIMIT_EXCEEDED'],
  [
    'G13',
    'a fragment named __schema around depth',
    ({ post }) => post(`{ ...__schema } fragment __schema on Query ${chain(50)}`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G13',
    'a fragment named __type around cost',
    ({ post }) => post(`{ ...__type } fragment __type on Query ${nested(4)}`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G14',
    'circular introspection',
    ({ post }) => post(`{ __schema { types ${'{ fields { type '.repeat(8)} { name } ${'} }'.repeat(8)} } }`),
    400,
  ],
  [
    'cost',
    'a page size in a variable',
    ({ post }) =>
      post('query ($n: Int) { jobs(first: 1000) { edges { node { executions(first: $n) { edges { cursor } } } } } }', {
        n: 1000,
      }),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'cost',
    'a page size in the default of a variable',
    ({ post }) =>
      post(
        'query ($n: Int = 1000) { jobs(first: $n) { edges { node { executions(first: $n) { edges { cursor } } } } } }',
      ),
    400,
    'LIMIT_EXCEEDED',
  ],
]

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

it.each(sizes.map((one) => ({ one, name: `${one[0]} ${one[1]}` })))('$name', ({ one }) => expectRefused(target, one))
