import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Log } from '#resolvers/context.ts'
import { moveAllocation, placeAllocation, placeService, writeLog } from '../support/allocation.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

type Row = Readonly<Record<string, unknown>>

const canary = 'canary-51c2-somesecret'
const nowhere = '00000000-0000-4000-8000-000000000000'

onBothStores('the twins of the Cluster API in the graph', (kind) => {
  let test: GraphqlGateway
  /** Everything that an operator's log got. */
  const logged: string[] = []
  const keep = (...entry: unknown[]) => void logged.push(entry.map((part) => String(part)).join(' '))
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep }

  beforeEach(async () => {
    logged.length = 0
    test = await openGraphql(kind, { log })
  })
  afterEach(async () => {
    expect([...test.bugs, ...logged]).toEqual([])
    await test.close()
  })

  /** What a REST route answers; the test knows its shape from the document. */
  const rest = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const answer = await test.rest(method, path, body === undefined ? {} : { body })
    expect(answer.status, answer.text).toBe(200)
    return answer.json() as T
  }
  /** Runs one mutation whose arguments are all variables, each of the type named, and gives its result. */
  const mutate = async (name: string, selection: string, args: Readonly<Record<string, [string, unknown]>>) => {
    const payload = `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`
    const entries = Object.entries(args)
    const head = entries.map(([key, [type]]) => `$${key}: ${type}`).join(', ')
    const call = entries.map(([key]) => `${key}: $${key}`).join(', ')
    const data = await test.data<Record<string, Row>>(
      `mutation (${head}) { ${name}(${call}) { __typename ... on Error { code } ... on InvalidInputError { path faults { path message } } ... on ${payload} { ${selection} } } }`,
      Object.fromEntries(entries.map(([key, [, value]]) => [key, value])),
    )
    return data[name] ?? {}
  }
  const placeWeb = async (slot = 0) =>
    placeAllocation(test, await placeService(test, `web${slot}`, { web: ['web'] }), 'web', slot)
  const setLogSources = (sources: unknown) =>
    mutate('setLogSources', `logSources { ${source} }`, { sources: ['[LogSourceInput!]!', sources] })
  const source = 'name jobName taskGroup task fileName hasLevel'

  it('shows and sets the settings, and tells all faults at once', async () => {
    const ask = () => test.data<Row>('{ settings defaultSettings settingsSchema }')
    const both = async () => ({
      settings: await rest('/v1/settings'),
      defaultSettings: await rest('/v1/settings/default'),
      settingsSchema: await rest('/v1/schemas/settings.json'),
    })
    const before = await ask()
    expect(before).toEqual(await both())
    const set = await mutate('setSettings', 'settings', {
      settings: ['JSON!', { info: { name: 'x' }, big: 9007199254740991 }],
    })
    expect(set).toEqual({ __typename: 'SetSettingsPayload', settings: await rest('/v1/settings') })
    const after = await ask()
    expect(after).toEqual(await both())
    expect(after.settings).not.toEqual(before.settings)
    const wrong = { info: { name: 5 }, ntp: { polling: 'often' } }
    const refused = await mutate('setSettings', 'settings', { settings: ['JSON!', wrong] })
    const answer = await test.rest('POST', '/v1/settings', { body: wrong })
    expect(answer.status).toBe(400)
    const details: { path: string; message: string }[] = Object(answer.json()).details
    expect(refused).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['settings'],
      faults: details.map(({ path, message }) => ({ path: path.split('.'), message })),
    })
    expect(refused.faults).toHaveLength(2)
    expect(await rest('/v1/settings')).toEqual(after.settings)
  })

  it('shows and sets the list of logs', async () => {
    expect(await test.data('{ logSources { name } logSource(name: "web") { name } }')).toEqual({
      logSources: [],
      logSource: null,
    })
    const sent = [
      { name: 'web', jobName: 'web0', taskGroup: 'web', hasLevel: true },
      { name: 'err', jobName: 'web0', task: 'web', fileName: 'stderr' },
    ]
    const set = await setLogSources(sent)
    const shown = await rest<Row[]>('/v1/log/logs')
    const expected = shown.map(({ id: name, job: jobName, group: taskGroup, logLevel: hasLevel, ...others }) => ({
      ...others,
      name,
      jobName,
      taskGroup,
      hasLevel,
    }))
    expect(expected).toHaveLength(2)
    expect(set).toEqual({ __typename: 'SetLogSourcesPayload', logSources: expected })
    const data = await test.data(`{ logSources { ${source} } logSource(name: "err") { ${source} } }`)
    expect(data).toEqual({ logSources: expected, logSource: expected[1] })
    expect(await setLogSources([...sent, { name: 'web', jobName: 'x' }])).toMatchObject({
      code: 'BAD_USER_INPUT',
      path: ['sources', '2', 'name'],
    })
    expect(await rest('/v1/log/logs')).toEqual(shown)
  })

  it('shows the instances of logs, in as many statements for one log as for many', async () => {
    const service = await placeService(test, 'web0', { web: ['web'], db: ['db'] })
    const older = await placeAllocation(test, service, 'web', 0)
    const newer = await placeAllocation(test, service, 'web', 1)
    await placeAllocation(test, service, 'db', 2)
    await moveAllocation(test, older, 'complete')
    await setLogSources([
      { name: 'web', jobName: 'web0', taskGroup: 'web' },
      { name: 'err', jobName: 'web0', taskGroup: 'web', fileName: 'stderr' },
      { name: 'db', jobName: 'web0', taskGroup: 'db' },
      { name: 'none', jobName: 'none' },
    ])
    type Source = { readonly name: string; readonly instances: readonly Row[] }
    const query = 'instances { allocation { uuid } status createdAt }'
    test.statements.length = 0
    await test.data(`{ logSource(name: "db") { ${query} } }`)
    // The feed of the store reads on beside it.
    const reads = () => test.statements.splice(0).filter((sql) => /log_source|allocation|job_type_revision/.test(sql))
    const few = reads()
    expect(few).toHaveLength(5)
    const { logSources } = await test.data<{ logSources: Source[] }>(`{ logSources { name ${query} } }`)
    expect(reads()).toHaveLength(few.length)
    expect(logSources.map(({ instances }) => instances.length)).toEqual([2, 2, 1, 0])
    for (const { name, instances } of logSources) {
      const meta = await rest<Row[]>(`/v1/log/meta/${name}`)
      const expected = meta.map(({ allocID, status, createTime }) => ({
        allocation: { uuid: allocID },
        status: String(status).toUpperCase(),
        createdAt: createTime,
      }))
      expect(instances).toEqual(expected)
    }
    const [web] = logSources
    expect(web?.instances.map(({ allocation, status }) => [allocation, status])).toEqual([
      [{ uuid: newer.uuid }, 'RUNNING'],
      [{ uuid: older.uuid }, 'DEAD'],
    ])
    const cut = await test.data('{ a: logSource(name: "web") { instances(first: 1) { allocation { uuid } } } }')
    expect(cut).toEqual({ a: { instances: [{ allocation: { uuid: newer.uuid } }] } })
    const { errors } = await test.ask('{ logSource(name: "web") { instances(first: 1001) { status } } }')
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('shows a log file part by part, cut between characters', async () => {
    const web = await placeWeb()
    const text = 'Grüße 🦊 aus\nKöln\n'
    await writeLog(test, web, 'web', 'stdout', ...text.split(/(?<=\n)/))
    type Part = { text: string; base64: string; offset: number; nextOffset: number; size: number }
    const read = async (args: string, allocation = web.uuid, task = 'web') => {
      const { logFile } = await test.data<{ logFile: Part | null }>(
        `{ logFile(allocation: "${allocation}", task: "${task}", fileName: "stdout" ${args}) { text base64 offset nextOffset size } }`,
      )
      return logFile
    }
    const file = `/v1/log/fs/${web.uuid}/web/stdout`
    const whole = await test.rest('GET', file)
    const size = Buffer.byteLength(text)
    const base64 = Buffer.from(text).toString('base64')
    expect(whole.text).toBe(text)
    expect(await read('')).toEqual({ text, base64, offset: 0, nextOffset: size, size })
    for (const limit of [4, 5, 7, 100]) {
      const parts: Part[] = []
      for (let offset = 0; offset < size; offset = parts.at(-1)?.nextOffset ?? size) {
        const part = await read(`offset: ${offset} limit: ${limit}`)
        expect(part?.offset).toBe(offset)
        if (part === null || part.nextOffset <= offset) throw new Error('the reader must get further')
        parts.push(part)
      }
      expect(parts.map((part) => part.text).join('')).toBe(text)
      expect(Buffer.concat(parts.map((part) => Buffer.from(part.base64, 'base64'))).toString()).toBe(text)
    }
    // Shorter than the fox is long: bytes all the same.
    const fox = Buffer.byteLength('Grüße ')
    expect(await read(`offset: ${fox} limit: 1`)).toMatchObject({ base64: '8A==', nextOffset: fox + 1 })
    expect(await read('origin: END offset: 6')).toMatchObject({
      text: (await test.rest('GET', `${file}?origin=end&offset=6`)).text,
      offset: size - 6,
      nextOffset: size,
    })
    expect(await read('offset: 1000')).toMatchObject({ text: '', offset: size, nextOffset: size })
    expect(await read('', nowhere)).toBeNull()
    expect(await read('', web.uuid, 'other')).toBeNull()
    for (const args of ['offset: -1', 'limit: 0', 'limit: 1048577']) {
      const { errors } = await test.ask(
        `{ logFile(allocation: "${web.uuid}", task: "web", fileName: "stdout", ${args}) { text } }`,
      )
      expect(errors, args).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })

  it('shows and sets loggers, by default and of an allocation', async () => {
    const web = await placeWeb()
    await setLogSources([{ name: 'web', jobName: 'web0', taskGroup: 'web', hasLevel: true }])
    type Logger = { logger: string; level: string | null; effectiveLevel: string }
    const asRest = (loggers: readonly { logger: string; level: string | null }[]) =>
      Object.fromEntries(loggers.map(({ logger, level }) => [logger, (level ?? '').toLowerCase()]))
    const agree = async () => {
      const data = await test.data<{ defaultLoggers: Logger[]; allocationLoggers: Logger[] }>(
        `{ defaultLoggers { logger level } allocationLoggers(allocation: "${web.uuid}") { logger level defaultLevel effectiveLevel } }`,
      )
      expect(asRest(data.defaultLoggers)).toEqual(await rest('/v1/log/defaults'))
      expect(asRest(data.allocationLoggers)).toEqual(await rest(`/v1/log/allocs/${web.uuid}`))
      return data
    }
    expect((await agree()).defaultLoggers).toEqual([{ logger: 'web', level: 'INFO' }])
    const byDefault = await mutate('setDefaultLogger', 'defaultLoggers { logger level }', {
      logger: ['String!', 'web'],
      level: ['LoggerLevel!', 'ERROR'],
    })
    expect(byDefault).toMatchObject({ defaultLoggers: [{ logger: 'web', level: 'ERROR' }] })
    const set = (allocation: string, logger: string, level: string | null) =>
      mutate('setAllocationLogger', 'allocationLoggers { logger level effectiveLevel }', {
        allocation: ['String!', allocation],
        logger: ['String!', logger],
        level: ['LoggerLevel', level],
      })
    await set(web.uuid, 'own', 'PANIC')
    expect((await set(web.uuid, 'web', 'DEBUG')).allocationLoggers).toEqual([
      { logger: 'own', level: 'PANIC', effectiveLevel: 'PANIC' },
      { logger: 'web', level: 'DEBUG', effectiveLevel: 'DEBUG' },
    ])
    await agree()
    await set(web.uuid, 'web', null)
    expect((await agree()).allocationLoggers[1]).toEqual({
      logger: 'web',
      level: null,
      defaultLevel: 'ERROR',
      effectiveLevel: 'ERROR',
    })
    expect(await set(nowhere, 'web', 'DEBUG')).toMatchObject({ __typename: 'NotFoundError' })
    const none = await test.data(`{ allocationLoggers(allocation: "${nowhere}") { logger } }`)
    expect(none).toEqual({ allocationLoggers: null })
  })

  it('shows and sets event definitions, faults included', async () => {
    const reduction = { id: 'sum', where: { key: ['cheer'] }, key: ['cheer'], value: ['$sum'], period: 0 }
    const good = JSON.stringify({ version: '1.7.0', event: { game: { maps: [], reductions: [reduction] } } })
    const files = [
      { key: 'good', source: good },
      { key: 'broken', source: '{' },
    ]
    const selection = 'eventDefinitions { files { key source } errors }'
    const set = await mutate('setEventDefinitions', selection, { files: ['[EventDefinitionInput!]!', files] })
    const shown = await rest<{ errors: string; mapreduce: Row[] }>('/v1/events')
    expect(shown.errors).toContain('broken')
    const expected = {
      files: shown.mapreduce.map(({ key, value }) => ({ key, source: value })),
      errors: shown.errors.split('\n'),
    }
    expect(expected.files).toEqual(files)
    expect(set).toEqual({ __typename: 'SetEventDefinitionsPayload', eventDefinitions: expected })
    expect(await test.data(`{ ${selection} }`)).toEqual({ eventDefinitions: expected })
    const twice = await mutate('setEventDefinitions', selection, {
      files: ['[EventDefinitionInput!]!', [files[0], files[0]]],
    })
    expect(twice).toMatchObject({ code: 'BAD_USER_INPUT', path: ['files', '1', 'key'] })
  })

  it('publishes events and results to whoever reads, and shows them as REST does', async () => {
    const where = { key: ['cheer', '<who>'] }
    const game = { maps: [{ id: 'm', where }], reductions: [{ id: 'r', where, key: ['<who>'], value: ['$count'] }] }
    await rest('/v1/events', 'POST', { mapreduce: [{ key: 'k', value: JSON.stringify(game) }] })
    const cheers = [
      { key: ['cheer', 'ada'], value: 1 },
      { key: ['cheer', 'ada'], value: true, at: '2026-01-31T09:00:00Z' },
    ]
    const publish = (events: unknown) => mutate('publishEventInputs', 'count', { events: ['[EventInput!]!', events] })
    const add = (value: string) => mutate('publishEventResult', 'isKept', { value: ['String!', value] })
    expect(await publish(cheers)).toMatchObject({ count: 0 })
    expect(await add('"early"')).toMatchObject({ isKept: false })
    type Results = { counter: number; messages: Row[] }
    const results = async (counter: number) => {
      const data = await test.data<{ eventResults: Results }>(
        `{ eventResults(counter: ${counter}) { counter messages { position error value at } } }`,
      )
      return data.eventResults
    }
    expect(await results(0)).toEqual({ counter: 0, messages: [] })
    const { count } = await publish(cheers)
    expect(count).toBeGreaterThan(0)
    expect(await add('"late"')).toMatchObject({ isKept: true })
    const graph = await results(0)
    const { counter, messages } = await rest<Results>('/v1/events/results/0')
    expect(graph.counter).toBe(counter)
    expect(graph.messages.map(({ error, value }) => ({ error, value }))).toEqual(messages)
    expect(graph.messages.at(-1)).toMatchObject({ position: counter - 1, error: '', value: '"late"' })
    expect(await results(counter)).toEqual({ counter, messages: [] })
    expect(await publish([cheers[0], { key: [], value: 1 }])).toMatchObject({ path: ['events', '1', 'key'] })
    expect(await publish([{ key: ['a'], value: {} }])).toMatchObject({ path: ['events', '0', 'value'] })
    const { errors } = await test.ask('{ eventResults(counter: -1) { counter } }')
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('sets, lists, reveals and deletes secrets as REST does', async () => {
    const set = (name: string, values: unknown) =>
      mutate('setSecret', 'secret { name keys }', { name: ['String!', name], values: ['[SecretValueInput!]!', values] })
    const values = [
      { key: 'b', value: canary },
      { key: 'a', value: 'x' },
    ]
    const done = await set('one', values)
    expect(done).toEqual({ __typename: 'SetSecretPayload', secret: { name: 'one', keys: ['a', 'b'] } })
    const reveal = (name: string) => test.data(`{ secretValues(name: "${name}") { key value } }`)
    expect(await rest('/secrets/secret/one')).toEqual({ b: canary, a: 'x' })
    expect(await reveal('one')).toEqual({ secretValues: values })
    expect(await reveal('other')).toEqual({ secretValues: null })
    await rest('/secrets/secret/two', 'POST', { c: canary })
    const secrets = [
      { name: 'one', keys: ['a', 'b'] },
      { name: 'two', keys: ['c'] },
    ]
    expect(await test.data('{ secrets { name keys } }')).toEqual({ secrets })
    expect(await rest('/secrets/list')).toEqual({ keys: secrets.map(({ name }) => name) })
    expect(await set('no id', values)).toMatchObject({ code: 'BAD_USER_INPUT', path: ['name'] })
    expect(await set('one', [])).toMatchObject({ code: 'BAD_USER_INPUT', path: ['values'] })
    expect(await set('one', [values[0], values[0]])).toMatchObject({ path: ['values', '1', 'key'] })
    expect(await reveal('one')).toEqual({ secretValues: values })
    const remove = 'mutation { removeSecret(name: "one") { __typename ... on RemoveSecretPayload { name } } }'
    expect(await test.data(remove)).toEqual({ removeSecret: { __typename: 'RemoveSecretPayload', name: 'one' } })
    expect(await test.data(remove)).toEqual({ removeSecret: { __typename: 'NotFoundError' } })
    expect((await test.rest('GET', '/secrets/secret/one')).status).toBe(404)
  })

  it('shows no value of a secret anywhere but in secretValues', async () => {
    const operation = `mutation ($values: [SecretValueInput!]!) { setSecret(name: "one", values: $values) {
      __typename ... on Error { message } ... on SetSecretPayload { secret { name keys } } } }`
    const value = { key: 'a', value: canary }
    test.statements.length = 0
    const answers = [
      await test.ask(operation, { values: [value] }),
      await test.ask(operation, { values: [value, value] }),
      await test.ask(`{ secrets { name keys } settings logSources { name } defaultLoggers { logger }
        eventDefinitions { errors files { source } } eventResults { messages { value } } }`),
      await test.ask('mutation { removeSecret(name: "two") { __typename ... on Error { message } } }'),
    ]
    for (const { text } of answers) expect(text).not.toContain(canary)
    const shown = await test.ask('{ secretValues(name: "one") { value } }')
    expect(shown.text).toContain(canary)
    expect(shown.headers.get('cache-control')).toBe('no-store')
    expect(test.statements.length).toBeGreaterThan(0)
    expect(test.statements.join('\n')).not.toContain(canary)
    const changes = await test.store.db.selectFrom('change').selectAll().execute()
    expect(changes.map(({ kind: what }) => what)).toEqual(['SECRET'])
    expect(JSON.stringify(changes)).not.toContain(canary)
  })

  it('reveals nothing where the operator does not want it, over either face', async () => {
    const closed = await openGraphql(kind, { log, revealSecrets: false })
    try {
      const body = { a: canary }
      expect((await closed.rest('POST', '/secrets/secret/one', { body })).status).toBe(200)
      const answer = await closed.ask('{ secrets { keys } secretValues(name: "one") { key value } }')
      expect(answer.data).toEqual({ secrets: [{ keys: ['a'] }], secretValues: null })
      expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
      const refused = await closed.rest('GET', '/secrets/secret/one')
      expect(refused.status).toBe(403)
      expect(answer.text + refused.text).not.toContain(canary)
    } finally {
      await closed.close()
    }
  })
})
