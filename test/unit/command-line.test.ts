import { describe, expect, it } from 'vitest'
import { ConfigError } from '#model/error.ts'
import { readCommand } from '../../src/command-line.ts'

describe('the command line', () => {
  it.each([
    [[], { name: 'serve', demo: false }],
    [['--demo'], { name: 'serve', demo: true }],
    [['rotate-keys'], { name: 'rotate-keys' }],
    [['--help'], { name: 'help' }],
    [['-h', '--demo'], { name: 'help' }],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual(command)
  })

  it.each([
    [['--port', '4001'], "Unknown option '--port'."],
    [['--demo=yes'], "Option '--demo' does not take an argument."],
    [['rotate'], 'There is no such command: rotate'],
    [['rotate-keys', 'now'], 'There is no such command: rotate-keys now'],
    [['rotate-keys', '--demo'], 'There is no such command: rotate-keys --demo'],
  ])('refuses %j, and says what there is', (args, reason) => {
    expect(() => readCommand(args)).toThrow(ConfigError)
    expect(() => readCommand(args)).toThrow(reason)
    expect(() => readCommand(args)).toThrow('Usage: npm start')
  })
})
