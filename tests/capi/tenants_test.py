"""Tenants: their map in special keys, and transactions that are confined to one.

usage: tenants_test.py LIBRARY [TEST…]
"""

import base64
import ctypes
import itertools
import json
import struct
import sys

import binding
from binding import ADD, READ, STAMPED_KEY, WRITE, Future, Transaction
from scene import ACCESS_SYSTEM_KEYS, SPECIAL_KEYS_WRITES, Transactions

MAP = b"\xff\xff/management/tenant/map/"
MODE = b"\xff/conf/tenant_mode"


class Tenant:
    """Owns an FDBTenant; begins transactions as a Database does."""

    def __init__(self, db, name):
        handle = ctypes.c_void_p()
        binding.check(binding.lib.fdb_database_open_tenant(db.handle, name, len(name),
                                                           ctypes.byref(handle)))
        self.handle = handle.value

    def __del__(self):
        binding.lib.fdb_tenant_destroy(self.handle)

    def transaction(self):
        handle = ctypes.c_void_p()
        binding.check(binding.lib.fdb_tenant_create_transaction(self.handle, ctypes.byref(handle)))
        return Transaction(handle.value)

    def id(self):
        return Future(binding.lib.fdb_tenant_get_id(self.handle))

    run = binding.Database.run


class Tenants(Transactions):
    def setUp(self):
        super().setUp()

        def prepare(tr):
            tr.option(ACCESS_SYSTEM_KEYS)
            tr.clear_range(b"\xff/tenant/", b"\xff/tenant0")
            tr.set(MODE, b"1")
        self.db.run(prepare)

    def manage(self, work):
        def managing(tr):
            tr.option(SPECIAL_KEYS_WRITES)
            work(tr)
        self.db.run(managing)

    def tenant(self, name):
        self.manage(lambda tr: tr.set(MAP + name, b""))
        return Tenant(self.db, name)

    def described(self, name):
        value = self.db.transaction().get(MAP + name).value()
        return value and json.loads(value)

    # --- The map

    def test_create_describe_delete(self):
        self.assertIsNone(self.described(b"one"))
        ids = [self.tenant(name).id().int64() for name in (b"one", b"t\x00wo")]
        self.assertEqual(len(set(ids)), 2)
        tenant = self.described(b"one")
        self.assertEqual(tenant["id"], ids[0])
        prefix = base64.b64decode(tenant["prefix"]["base64"])
        self.assertEqual(prefix, struct.pack(">q", ids[0]))
        self.assertEqual(base64.b64decode(self.described(b"t\x00wo")["name"]["base64"]), b"t\x00wo")
        rows, more = self.db.transaction().range(MAP, MAP[:-1] + b"0").rows()
        self.assertEqual(([key[len(MAP):] for key, _ in rows], more), ([b"one", b"t\x00wo"], False))
        rows, more = self.db.transaction().range(MAP, MAP + b"\xff", limit=1).rows()
        self.assertEqual((len(rows), more), (1, True))
        rows, _ = self.db.transaction().range(MAP, MAP + b"\xff", reverse=True).rows()
        self.assertEqual(rows[0][0], MAP + b"t\x00wo")
        self.manage(lambda tr: tr.clear(MAP + b"one"))
        self.assertIsNone(self.described(b"one"))
        self.manage(lambda tr: tr.clear_range(MAP, MAP + b"\xff"))
        self.assertEqual(self.db.transaction().range(MAP, MAP + b"\xff").rows(), ([], False))

    def test_creating_again_changes_nothing(self):
        first = self.tenant(b"one").id().int64()
        self.assertEqual(self.tenant(b"one").id().int64(), first)
        self.manage(lambda tr: tr.clear(MAP + b"none"))

    def test_an_id_is_never_given_twice(self):
        first = self.tenant(b"one").id().int64()
        self.manage(lambda tr: tr.clear(MAP + b"one"))
        self.assertGreater(self.tenant(b"one").id().int64(), first)

    def test_map_takes_effect_at_commit(self):
        tr = self.begin(SPECIAL_KEYS_WRITES)
        tr.set(MAP + b"new", b"")
        self.assertIsNotNone(tr.get(MAP + b"new").value())
        self.assertIsNone(self.described(b"new"))
        tr.commit().wait()
        self.assertIsNotNone(self.described(b"new"))

    def test_only_empty_tenants_are_deleted(self):
        tenant = self.tenant(b"full")
        tenant.run(lambda tr: tr.set(b"key", b"value"))
        delete = lambda tr: tr.clear(MAP + b"full")
        self.assertEqual(self.commit_code(delete, SPECIAL_KEYS_WRITES), 2133)
        self.assertEqual(self.commit_code(lambda tr: tr.clear_range(MAP, MAP + b"\xff"),
                                          SPECIAL_KEYS_WRITES), 2133)
        self.assertEqual(tenant.transaction().get(b"key").value(), b"value")
        tenant.run(lambda tr: tr.clear_range(b"", b"\xff"))
        self.assertEqual(self.commit_code(delete, SPECIAL_KEYS_WRITES), 0)
        self.assertEqual(tenant.transaction().get(b"key").block(), 2131)

    def test_refused(self):
        create = lambda name: lambda tr: tr.set(MAP + name, b"")
        self.assertEqual(self.commit_code(create(b"a")), 2114)
        for name in (b"", b"\xff", b"\xff/x"):
            self.assertEqual(self.commit_code(create(name), SPECIAL_KEYS_WRITES), 2134, name)
        self.db.run(lambda tr: (tr.option(ACCESS_SYSTEM_KEYS), tr.set(MODE, b"0")))
        self.assertEqual(self.commit_code(create(b"a"), SPECIAL_KEYS_WRITES), 2136)
        self.db.run(lambda tr: (tr.option(ACCESS_SYSTEM_KEYS), tr.clear(MODE)))
        self.assertEqual(self.commit_code(create(b"a"), SPECIAL_KEYS_WRITES), 2136)

    def test_concurrent_creation(self):
        first, second = (self.begin(SPECIAL_KEYS_WRITES) for _ in range(2))
        first.set(MAP + b"a", b"")
        second.set(MAP + b"b", b"")
        first.commit().wait()
        self.assertEqual(second.commit().block(), 1020)  # they would have the same id

    # --- Transactions of a tenant

    def test_tenants_do_not_see_each_other(self):
        one, two = self.tenant(b"one"), self.tenant(b"two")
        for place, value in ((one, b"1"), (two, b"2"), (self.db, b"0")):
            place.run(lambda tr: tr.set(b"key", value))
        for place, value in ((one, b"1"), (two, b"2"), (self.db, b"0")):
            self.assertEqual(place.transaction().get(b"key").value(), value)
            self.assertEqual(place.transaction().get(b"key", snapshot=True).value(), value)
        prefix = struct.pack(">q", one.id().int64())
        self.assertEqual(self.value(prefix + b"key"), b"1")
        one.run(lambda tr: tr.clear_range(b"", b"\xff"))
        self.assertIsNone(one.transaction().get(b"key").value())
        self.assertEqual(two.transaction().get(b"key").value(), b"2")
        self.assertEqual(self.value(b"key"), b"0")

    def test_unknown_tenant(self):
        tenant = Tenant(self.db, b"nowhere")
        self.assertEqual(tenant.id().block(), 2131)
        tr = tenant.transaction()
        self.assertEqual([tr.get(b"a").block(), tr.range(b"a", b"b").block(),
                          tr.get_key(b"a", 0, 1).block(), tr.watch(b"a").block()], [2131] * 4)
        tr.set(b"a", b"1")
        self.assertEqual(tr.commit().block(), 2131)
        missing = binding.open_database(b"/nonexistent/fdb.cluster")
        tenant = Tenant(missing, b"a")
        self.assertEqual([tenant.id().block(), tenant.transaction().get(b"a").block()], [1515] * 2)

    def test_deletion_conflicts_with_use(self):
        tenant = self.tenant(b"gone")
        tr = tenant.transaction()
        tr.set(b"a", b"1")
        self.manage(lambda tr: tr.clear(MAP + b"gone"))
        self.assertEqual(tr.commit().block(), 1020)
        tr.on_error(1020).wait()
        self.assertEqual(tr.get(b"a").block(), 2131)

    def test_system_keys_do_not_exist_there(self):
        tr = self.tenant(b"one").transaction()
        for key in (b"\xff", b"\xff/tenant/map/one", MAP + b"one", b"\xff\xff/status/json"):
            self.assertEqual(tr.get(key).block(), 2004, key)
        self.assertEqual(tr.range(b"", b"\xff\xff").block(), 2004)
        self.assertEqual(tr.range(b"", b"\xff").block(), 0)
        tr.set(b"\xff/x", b"")
        self.assertEqual(tr.commit().block(), 2004)

    def test_selectors_stay_inside(self):
        before, tenant, after = (self.tenant(name) for name in (b"1", b"2", b"3"))
        keys = [b"b", b"d", b"f"]
        for place in (before, tenant, after, self.db):
            place.run(lambda tr: [tr.set(key, b"v") for key in keys])
        tr = tenant.transaction()
        for key, or_equal, offset in itertools.product([b"", b"a", b"b", b"c", b"f", b"g", b"\xff"],
                                                       (0, 1), range(-6, 8)):
            at = sum(k < key or (or_equal and k == key) for k in keys) - 1 + offset
            wanted = b"" if at < 0 else keys[at] if at < len(keys) else b"\xff"
            self.assertEqual(tr.get_key(key, or_equal, offset).key(), wanted, (key, or_equal, offset))
        everything = [(key, b"v") for key in keys]
        self.assertEqual(tr.range((b"", 0, -5), (b"\xff", 0, 9)).rows(), (everything, False))
        self.assertEqual(tr.range((b"b", 1, 1), (b"f", 0, 1)).rows()[0], everything[1:2])
        self.assertEqual(tr.range(b"", b"\xff", reverse=True).rows()[0], everything[::-1])
        self.assertEqual(tr.range(b"f", b"b").rows(), ([], False))
        rows, more = tr.range(b"", b"\xff", limit=2).rows()
        self.assertEqual((rows, more), (everything[:2], True))

    def test_selectors_conflict_inside_alone(self):
        tenant, other = self.tenant(b"1"), self.tenant(b"2")
        tenant.run(lambda tr: tr.set(b"m", b"v"))
        for write, code in ((lambda: tenant.run(lambda tr: tr.set(b"k", b"v")), 1020),
                            (lambda: tenant.run(lambda tr: tr.set(b"z", b"v")), 0),
                            (lambda: other.run(lambda tr: tr.set(b"a", b"v")), 0)):
            tr = tenant.transaction()
            tr.get_key(b"c", 0, 1).wait()
            tr.set(b"unrelated", b"")
            write()
            self.assertEqual(tr.commit().block(), code)

    def test_all_operations(self):
        tenant = self.tenant(b"one")
        tr = tenant.transaction()
        tr.atomic(ADD, b"sum", b"\x05")
        tr.atomic(STAMPED_KEY, b"s/" + bytes(10) + struct.pack("<I", 2), b"stamped")
        self.assertEqual(tr.conflict_range(b"x", b"y", READ), 0)
        self.assertEqual(tr.conflict_range(b"x", b"y", WRITE), 0)
        self.assertEqual(tr.conflict_range(b"y", b"x", WRITE), 2005)
        stamp = tr.versionstamp()
        watch = tr.watch(b"watched")
        tr.commit().wait()
        self.assertGreater(tr.committed_version(), 0)
        tr = tenant.transaction()
        self.assertEqual(tr.get(b"s/" + stamp.key()).value(), b"stamped")
        self.assertEqual(tr.get(b"sum").value(), b"\x05")
        self.assertEqual(tr.split_points(b"", b"\xff", 1000).keys(), [b"", b"\xff"])
        self.assertGreater(tr.estimated_size(b"", b"\xff").int64(), 0)
        self.assertTrue(tr.addresses(b"sum").strings())
        self.assertFalse(watch.ready())
        tenant.run(lambda tr: tr.set(b"watched", b"1"))
        self.assertEqual(watch.block(), 0)
        bad = tenant.transaction()
        bad.atomic(STAMPED_KEY, b"s/" + bytes(10) + struct.pack("<I", 2**32 - 1), b"")
        self.assertEqual(bad.commit().block(), 2000)

    def test_pending_futures_end_with_the_transaction(self):
        tr = self.tenant(b"one").transaction()
        watch, stamp = tr.watch(b"a"), tr.versionstamp()
        tr.destroy()
        self.assertEqual((watch.block(), stamp.block()), (1025, 1025))


if __name__ == "__main__":
    sys.exit(binding.main())
