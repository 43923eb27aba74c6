import { describe, expect, test } from 'vitest'
import { splitCommand } from '#engine/drivers/command.ts'
import { baseEnvironment, seedEnvironment, variableName } from '#engine/drivers/environment.ts'
import { DomainError } from '#model/error.ts'

const env = { IN: '/in/a file.tif', OUTPUT_DIR: '/out', EMPTY: '', STAR: '*; rm -rf / $(id)' }

describe('splitCommand', () => {
  test.each<[string, string[]]>([
    ['', []],
    [' \t\n ', []],
    ['run  -a\t-b\nc', ['run', '-a', '-b', 'c']],
    [`run $IN \${OUTPUT_DIR}/x`, ['run', '/in/a file.tif', '/out/x']],
    ['run "$IN" \'$IN\' \\$IN', ['run', '/in/a file.tif', '$IN', '$IN']],
    ['run $STAR', ['run', '*; rm -rf / $(id)']],
    [
      'run $(id) `id` *.tif ~ # x; y | z > w',
      ['run', '$(id)', '`id`', '*.tif', '~', '#', 'x;', 'y', '|', 'z', '>', 'w'],
    ],
    ['run $NOPE "$NOPE" $EMPTY$EMPTY "" a$NOPE', ['run', '', '', 'a']],
    ['run $toString', ['run']],
    ['a"b c"d\'e f\'g', ['ab cde fg']],
    ['"a\\"b\\\\c\\$d\\`e\\n"', ['a"b\\c$d`e\\n']],
    ['sh -c \'echo "$IN" | wc\'', ['sh', '-c', 'echo "$IN" | wc']],
    ['a\\ b \\\'  \\\n c"d\\\ne"', ['a b', "'", 'cde']],
    ['$ $1 $$ a$ "$"', ['$', '$1', '$$', 'a$', '$']],
    ['é$IN😀', ['é/in/a file.tif😀']],
  ])('%j', (text, words) => {
    expect(splitCommand(text, env)).toEqual(words)
  })

  test.each([
    ["a 'b", /quote ' at character 3/],
    ['a "b', /quote " at character 3/],
    ['a "b\\"', /quote "/],
    ['a\\', /backslash/],
    [`a \${X:-1}`, /character 3/],
    ['a "${"', /\$\{NAME\}/],
    ['a\0b', /NUL/],
  ])('refuses %j', (text, message) => {
    expect(() => splitCommand(text, env)).toThrow(DomainError)
    expect(() => splitCommand(text, env)).toThrow(message)
  })
})

describe('the environment of a command', () => {
  test('has one variable per name of the manifest', () => {
    const variables = seedEnvironment({
      files: [{ name: 'input-file', path: '/s/inputs/a.tif' }],
      json: [
        { name: 'text', value: 'as "it" is' },
        { name: 'big', value: 2n ** 63n },
        { name: 'list', value: [1, 'b', null] },
        { name: 'flag', value: false },
      ],
      settings: [{ name: 'Db-Host', value: 'db' }],
      resources: [{ name: 'cpus', value: 0.5 }],
      outputDir: '/s/outputs',
    })
    expect(variables).toEqual({
      INPUT_FILE: '/s/inputs/a.tif',
      TEXT: 'as "it" is',
      BIG: '9223372036854775808',
      LIST: '[1,"b",null]',
      FLAG: 'false',
      DB_HOST: 'db',
      ALLOCATED_CPUS: '0.5',
      OUTPUT_DIR: '/s/outputs',
    })
    expect(variableName('a-b_c')).toBe('A_B_C')
  })

  test('inherits nothing', () => {
    expect(Object.keys(baseEnvironment('/s')).sort()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR'])
    expect(baseEnvironment('/s', '/opt/bin')).toMatchObject({ HOME: '/s', TMPDIR: '/s', PATH: '/opt/bin' })
  })
})
