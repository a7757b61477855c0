// npm's client of FoundationDB on Plinth's libfdb_c.so, which LD_LIBRARY_PATH puts in the place of
// FoundationDB's own.
'use strict'
const assert = require('node:assert/strict')
const {execFileSync, spawn} = require('node:child_process')
const {mkdtempSync, rmSync, writeFileSync} = require('node:fs')
const {tmpdir} = require('node:os')
const {join} = require('node:path')
const {after, before, beforeEach, test} = require('node:test')
const fdb = require('foundationdb')

fdb.setAPIVersion(620)

const folder = mkdtempSync(join(tmpdir(), 'plinth-node-'))
const clusterFile = join(folder, 'fdb.cluster')
const END = Buffer.from([0xff]) // of the keys that users have
let root // everything, keys and values as bytes
let db // the tests' subspace, keys as tuples, values as JSON

before(() => {
  writeFileSync(clusterFile, `plinth file:${folder}/db?shared\n`)
  root = fdb.open(clusterFile)
  db = root.at(fdb.tuple.pack('test')).withKeyEncoding(fdb.encoders.tuple)
    .withValueEncoding(fdb.encoders.json)
})
beforeEach(() => root.clearRange('', END))
after(() => {
  root.close()
  rmSync(folder, {recursive: true})
})

test('values go in and come out', async () => {
  assert.equal(await db.get(['a', 1]), undefined)
  await db.set(['a', 1], {x: [1, 2, 'three'], 'ü': null})
  assert.deepEqual(await db.get(['a', 1]), {x: [1, 2, 'three'], 'ü': null})
  await db.clear(['a', 1])
  assert.equal(await db.get(['a', 1]), undefined)
  await root.set('empty', '')
  assert.deepEqual(await root.get('empty'), Buffer.alloc(0))
})

test('a transaction reads its own writes, and others see all of it or nothing', async () => {
  const result = await db.doTransaction(async tn => {
    tn.set('x', 1)
    tn.set('y', 2)
    assert.equal(await db.get('x'), undefined)
    return [await tn.get('x'), await tn.get('y')]
  })
  assert.deepEqual(result, [1, 2])
  await assert.rejects(db.doTransaction(async tn => {
    tn.set('x', 3)
    throw new Error('on purpose')
  }), /on purpose/)
  assert.equal(await db.get('x'), 1)
})

test('tuples keep their order and their types', async () => {
  const tuples = [[null], [Buffer.from([0, 255])], ['a'], ['a', 'b'], ['b'], [[1, null]], [-5], [0],
    [255], [65536], [2 ** 40], [true]]
  await db.doTransaction(async tn => {
    for (const tuple of [...tuples].reverse()) tn.set(tuple, tuple.length)
  })
  const all = await root.at(fdb.tuple.pack('test')).withKeyEncoding(fdb.encoders.tuple)
    .getRangeAllStartsWith([])
  assert.deepEqual(all.map(([key]) => key), tuples)
})

test('ranges: limits, both directions, pages, selectors', async () => {
  const count = 5000
  for (let begin = 0; begin < count; begin += 1000) {
    await db.doTransaction(async tn => {
      for (let i = begin; i < begin + 1000; ++i) tn.set(['row', i], {i, text: 'v'.repeat(100)})
    })
  }
  const all = await db.getRangeAllStartsWith(['row'])
  assert.deepEqual(all.map(([key]) => key[1]), [...Array(count).keys()])
  const last = await db.getRangeAllStartsWith(['row'], {reverse: true, limit: 3})
  assert.deepEqual(last.map(([key]) => key[1]), [count - 1, count - 2, count - 3])
  await db.doTransaction(async tn => {
    let next = 100
    for await (const [key] of tn.getRange(['row', 100], ['row', 4100])) {
      assert.equal(key[1], next++)
    }
    assert.equal(next, 4100)
    let batches = 0
    for await (const batch of tn.getRangeBatch(['row', 0], ['row', 4000])) {
      assert.ok(batch.length > 0)
      ++batches
    }
    assert.ok(batches > 1)
    const {firstGreaterThan, lastLessOrEqual} = fdb.keySelector
    assert.deepEqual(await tn.getKey(firstGreaterThan(['row', 41])), ['row', 42])
    assert.deepEqual(await tn.getKey(lastLessOrEqual(['row', 1e9])), ['row', count - 1])
  })
  assert.ok(await root.getEstimatedRangeSizeBytes('', END) > count * 100)
  await db.clearRangeStartsWith(['row'])
  assert.deepEqual(await db.getRangeAllStartsWith(['row']), [])
})

test('atomic operations', async () => {
  const numbers = root.withValueEncoding({
    pack(number) {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(number))
      return bytes
    },
    unpack: bytes => Number(bytes.readBigInt64LE())
  })
  await Promise.all(Array.from({length: 50}, () => numbers.add('sum', 3)))
  assert.equal(await numbers.get('sum'), 150)
  await numbers.max('most', 5)
  await numbers.max('most', 9)
  await numbers.max('most', 7)
  assert.equal(await numbers.get('most'), 9)
  await root.set('bits', Buffer.from([0b1100]))
  await root.bitOr('bits', Buffer.from([0b0001]))
  await root.bitAnd('bits', Buffer.from([0b0101]))
  await root.bitXor('bits', Buffer.from([0b1111]))
  assert.deepEqual(await root.get('bits'), Buffer.from([0b1010]))
  await root.byteMax('text', Buffer.from('b'))
  await root.byteMax('text', Buffer.from('a'))
  assert.deepEqual(await root.get('text'), Buffer.from('b'))
})

test('a conflict is retried', async () => {
  await db.set('n', 0)
  let attempts = 0
  await Promise.all(Array.from({length: 20}, () => db.doTransaction(async tn => {
    ++attempts
    tn.set('n', await tn.get('n') + 1)
  })))
  assert.equal(await db.get('n'), 20)
  assert.ok(attempts > 20, `${attempts} attempts`)
})

test('a conflict is told to who does not retry', async () => {
  await db.set('k', 1)
  const first = db.rawCreateTransaction()
  await first.get('k')
  await db.set('k', 2)
  first.set('k', 3)
  await assert.rejects(first.rawCommit(), error => error instanceof fdb.FDBError &&
    error.code === 1020)
  await first.rawOnError(1020)
  assert.equal(await first.get('k'), 2)
  first.rawCancel()
})

test('watches', async () => {
  const watch = await db.setAndWatch('w', 1)
  let fired = false
  watch.promise.then(() => { fired = true })
  await db.set('other', 1)
  assert.equal(fired, false)
  await db.set('w', 2)
  assert.equal(await watch.promise, true)
  const cancelled = await db.getAndWatch('w')
  assert.equal(cancelled.value, 2)
  cancelled.cancel()
  assert.equal(await cancelled.promise, false)
})

test('versionstamps order commits', async () => {
  const stamps = []
  for (let i = 0; i < 3; ++i) {
    const stamp = await db.doTn(async tn => {
      tn.setVersionstampSuffixedKey(['log'], i)
      return tn.getVersionstamp()
    })
    stamps.push(await stamp.promise)
  }
  for (let i = 1; i < stamps.length; ++i) assert.ok(Buffer.compare(stamps[i - 1], stamps[i]) < 0)
  const rows = await root.at(fdb.tuple.pack('test')).getRangeAllStartsWith(fdb.tuple.pack(['log']))
  assert.deepEqual(rows.map(([key]) => key.subarray(-10)), stamps)

  await db.setVersionstampPrefixedValue('stamped', {text: 'value'})
  const {stamp, value} = await db.getVersionstampPrefixedValue('stamped')
  assert.ok(Buffer.compare(stamp, stamps[2]) > 0)
  assert.deepEqual(value, {text: 'value'})
})

test('directories', async () => {
  const app = await fdb.directory.createOrOpen(root, ['app', 'users'])
  await root.at(app).set('key', 'value')
  assert.deepEqual(await fdb.directory.listAll(root), [Buffer.from('app')].map(String))
  assert.deepEqual(await fdb.directory.listAll(root, ['app']), ['users'])
  await assert.rejects(fdb.directory.create(root, ['app', 'users']), fdb.DirectoryError)
  const moved = await fdb.directory.move(root, ['app', 'users'], ['app', 'people'])
  assert.equal((await root.at(moved).get('key')).toString(), 'value')
  assert.equal(await fdb.directory.exists(root, ['app', 'users']), false)
  await fdb.directory.remove(root, ['app'])
  assert.deepEqual(await fdb.directory.listAll(root), [])
})

test('directories that Plinth has made, and the other way round', async () => {
  const dir = (...words) => JSON.parse(execFileSync(process.env.PLINTH_COMMAND,
    ['--json', '--db', `file:${folder}/db?shared`, 'dir', ...words]).toString() || 'null')
  const users = dir('create', 'app/users', '--layer', 'people')
  const opened = await fdb.directory.open(root, ['app', 'users'], 'people')
  assert.deepEqual(escaped(opened.content.prefix), users.prefix)
  await assert.rejects(fdb.directory.open(root, ['app', 'users'], 'others'), fdb.DirectoryError)
  assert.deepEqual(await fdb.directory.listAll(root, ['app']), ['users'])

  await fdb.directory.createOrOpen(root, ['node', 'tenants'], 'partition')
  const inner = await fdb.directory.createOrOpen(root, ['node', 'tenants', 'one'])
  assert.deepEqual(dir('show', 'node/tenants/one').prefix, escaped(inner.content.prefix))
  const prefixes = new Set()
  for (let i = 0; i < 20; ++i) {
    const made = i % 2 ? dir('create', `many/${i}`).prefix
      : escaped((await fdb.directory.create(root, ['many', String(i)])).content.prefix)
    assert.ok(!prefixes.has(made))
    prefixes.add(made)
  }
  assert.equal(dir('mv', 'node/tenants/one', 'node/tenants/two').path.join('/'), 'node/tenants/two')
  assert.equal(await fdb.directory.exists(root, ['node', 'tenants', 'two']), true)
  dir('rm', 'app')
  assert.equal(await fdb.directory.exists(root, ['app', 'users']), false)
})

// As the command shows bytes.
function escaped(bytes) {
  return Array.from(bytes, byte => byte >= 0x20 && byte < 0x7f && byte !== 0x5c
    ? String.fromCharCode(byte) : '\\x' + byte.toString(16).padStart(2, '0')).join('')
}

test('options, versions and errors', async () => {
  const versions = []
  for (let i = 0; i < 2; ++i) {
    const tn = root.rawCreateTransaction({read_your_writes_disable: true, timeout: 10_000})
    tn.set('v', String(i))
    assert.equal(await tn.get('v').then(v => v === undefined ? undefined : v.toString()),
      i === 0 ? undefined : '0')
    assert.ok(await tn.getApproximateSize() > 0)
    await tn.rawCommit()
    versions.push(tn.getCommittedVersion())
  }
  assert.ok(Buffer.compare(versions[0], versions[1]) < 0)
  await assert.rejects(root.set(Buffer.alloc(10_001), ''), error => error.code === 2102)
  await assert.rejects(root.set('big', Buffer.alloc(100_001)), error => error.code === 2103)
  await assert.rejects(root.get(Buffer.concat([END, Buffer.from('/x')])), error => error.code === 2004)
  assert.throws(() => fdb.setAPIVersion(510))
})

test('two processes on one database', async () => {
  const count = 200
  const other = spawn(process.execPath, [join(__dirname, 'second_process.js'), clusterFile,
    String(count)], {stdio: ['ignore', 'pipe', 'inherit']})
  const ended = new Promise(resolve => other.on('exit', resolve))
  for (let i = 0; i < count; ++i) {
    await db.doTransaction(async tn => {
      tn.set('shared', (await tn.get('shared') ?? 0) + 1)
    })
  }
  assert.equal(await ended, 0)
  assert.equal(await db.get('shared'), 2 * count)
})
