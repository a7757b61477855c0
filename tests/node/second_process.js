// second_process.js CLUSTER_FILE COUNT: raises a number of the test's database COUNT times.
'use strict'
const fdb = require('foundationdb')

fdb.setAPIVersion(620)
const [clusterFile, count] = process.argv.slice(2)
const db = fdb.open(clusterFile).at(fdb.tuple.pack('test')).withKeyEncoding(fdb.encoders.tuple)
  .withValueEncoding(fdb.encoders.json)

async function main() {
  for (let i = 0; i < Number(count); ++i) {
    await db.doTransaction(async tn => {
      tn.set('shared', (await tn.get('shared') ?? 0) + 1)
    })
  }
  db.close()
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
