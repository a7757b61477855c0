"""`plinth bench core` on a few rows: every workload runs on every engine, and is reported as the
documentation says."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

WORKLOADS = {"point_read", "range_50", "scan", "commit_1", "rmw_256", "load", "mix_90_10",
             "hot_key", "reopen", "footprint"}
PEERS = {"lmdb", "rocksdb", "leveldb", "sqlite"}


FDB_WORKLOADS = {"point_read", "serial_get", "own_read", "gets_of_10", "rmw_100"}
SOCKET_WORKLOADS = {"gets_of_10", "gets_of_1", "read_version", "range_100", "mix_9_1", "blind_set",
                    "serial_get", "commit_64"}

LAYERS_WORKLOADS = {"blob_put", "blob_get", "entity_create", "entity_get", "entity_find",
                    "entity_find_two", "entity_patch", "directory_create",
                    "directory_open", "version_ask", "version_select",
                    "version_as_of", "version_diff", "version_apply"}
SEARCH_WORKLOADS = {"index", "frequent_word", "usual_word", "rare_word", "two_frequent",
                    "frequent_and_rare", "any_of_three", "phrase", "prefix", "exclusion"}


TABLE_BESIDE_SQLITE = {"load"} | {
    f"{workload}_{clients}" for clients in (1, 16)
    for workload in ("get", "query_100", "query_index", "scan_filter", "put_buffered",
                     "update_buffered", "put_durable", "update_durable")}
TABLE_PARTITIONS = {"partition_put", "partition_get"}
TUPLES_LOOKUPS = {"load", "tuple", "pattern_ab", "ab_together", "pattern_bc", "pattern_ac",
                  "pattern_a", "pattern_c", "scan_b", "join_3", "join_3_back"}
TUPLES_QUERIES = {f"query_{number}" for number in range(1, 11)}


def bench(*arguments, group="core"):
    return subprocess.run([PLINTH, "bench", group, *arguments], capture_output=True, text=True,
                          timeout=250)


class Bench(unittest.TestCase):
    def test_all_workloads_as_json(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder)
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({line["workload"] for line in lines}, WORKLOADS)
        for line in lines:
            with self.subTest(line=line):
                self.assertTrue({"workload", "engine", "ops_per_s", "p50_us", "p99_us", "ratio_to",
                                 "durability"} <= set(line))
                self.assertTrue(line["durability"])
        rates = {(line["workload"], line["engine"]): line for line in lines}
        for workload in WORKLOADS - {"hot_key", "reopen", "footprint"}:
            own = rates[workload, "plinth"]
            self.assertTrue(PEERS <= set(own["ratio_to"]), own)
            for peer in PEERS:
                expected = own["ops_per_s"] / rates[workload, peer]["ops_per_s"]
                self.assertAlmostEqual(own["ratio_to"][peer] / expected, 1, places=1)
        self.assertIn("append", rates["commit_1", "plinth"]["ratio_to"])

    def test_a_table_for_people(self):
        done = bench("--rows", "1000", "--rounds", "1", "--workload", "point_read", "--engine",
                     "plinth", "lmdb")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"point_read +engine +ops/s")
        self.assertRegex(done.stdout, r"point_read +\d+\.\d\d x lmdb")

    def test_through_the_c_api(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="fdb")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        through_c = {line["workload"]: line for line in lines if line["engine"] == "plinth-fdb_c"}
        self.assertEqual(set(through_c), FDB_WORKLOADS)
        self.assertIn("plinth", through_c["point_read"]["ratio_to"])
        for workload in FDB_WORKLOADS - {"point_read"}:
            self.assertIn("foundationdb-7.3.80-once", through_c[workload]["ratio_to"])

    def test_behind_a_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="socket")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({line["workload"] for line in lines}, SOCKET_WORKLOADS)
        for line in lines:
            if line["engine"] == "plinth-socket":
                self.assertIn("plinth", line["ratio_to"])

    def test_full_text_search(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="search")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        own = [line for line in map(json.loads, done.stdout.splitlines())
               if line["engine"] == "plinth"]
        self.assertEqual({line["workload"] for line in own}, SEARCH_WORKLOADS)
        for line in own:
            self.assertIn("sqlite-fts5", line["ratio_to"])
            if line["workload"] != "index":
                self.assertLessEqual(line["p50_us"], line["p99_us"])

    def test_layers(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="layers")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        own = [line for line in map(json.loads, done.stdout.splitlines())
               if line["engine"] == "plinth"]
        self.assertEqual({line["workload"] for line in own}, LAYERS_WORKLOADS)
        for line in own:
            beside = {"version": ["plinth-10-changes"], "directory": []}
            kind = line["workload"].split("_")[0]
            self.assertEqual(list(line["ratio_to"]), beside.get(kind, ["sqlite"]))

    def test_tuples(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="tuples")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        own = [line for line in map(json.loads, done.stdout.splitlines())
               if line["engine"] == "plinth"]
        self.assertEqual({line["workload"] for line in own}, TUPLES_LOOKUPS | TUPLES_QUERIES)
        for line in own:
            self.assertIn("sqlite", line["ratio_to"])
            if line["workload"] in TUPLES_QUERIES:
                self.assertIn("plinth-by-hand", line["ratio_to"])

    def test_table(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", "1000", "--rounds", "1", "--json", "--directory", folder,
                         group="table")
            self.assertEqual(os.listdir(folder), [], "it cleans up")
        self.assertEqual(done.returncode, 0, done.stderr)
        own = {line["workload"]: list(line["ratio_to"])
               for line in map(json.loads, done.stdout.splitlines()) if line["engine"] == "plinth"}
        expected = {workload: ["sqlite"] for workload in TABLE_BESIDE_SQLITE}
        expected |= {workload: ["plinth-10-items"] for workload in TABLE_PARTITIONS}
        self.assertEqual(own, expected | {"partition_pages": []})

    def test_what_it_does_not_know_is_refused(self):
        done = bench("--workload", "nonsense")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("nonsense", done.stderr)


if __name__ == "__main__":
    PLINTH = os.path.abspath(os.path.join(sys.argv.pop(1), "plinth"))
    unittest.main()
