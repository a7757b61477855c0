#include "client/overlay.hpp"

#include <gtest/gtest.h>

#include "plinth/error.hpp"

namespace plinth::client {
namespace {

using Ranges = std::vector<KeyRange>;

// The place of a stamp at offset `at`, as the last four bytes want it.
Bytes at(unsigned at) {
  return Bytes{static_cast<char>(at), 0, 0, 0};
}

Ranges copied(const std::vector<engine::RangeView>& ranges) {
  Ranges copies;
  for (const auto& range : ranges) copies.push_back({Bytes(range.begin), Bytes(range.end)});
  return copies;
}

Ranges dependent_parts(Overlay& overlay, ByteView begin, ByteView end) {
  Ranges parts;
  overlay.index().for_dependent_parts(begin, end, [&](ByteView b, ByteView e) {
    parts.push_back({Bytes(b), Bytes(e)});
  });
  return parts;
}

std::optional<Bytes> value_of(const Entry& entry, const std::optional<ByteView>& base) {
  Bytes made;
  const auto value = entry.value(base, made);
  return value ? std::optional<Bytes>(*value) : std::nullopt;
}

TEST(Overlay, LastSetCounts) {
  Overlay overlay;
  overlay.set("k", "1", true);
  overlay.set("k", "2", true);
  const Entry* entry = overlay.index().find("k");
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->independent());
  EXPECT_EQ(value_of(*entry, "base"), "2");
  EXPECT_EQ(overlay.index().find("j"), nullptr);
}

TEST(Overlay, IndexFollowsLaterWrites) {
  Overlay overlay;
  overlay.set("a", "1", true);
  EXPECT_NE(overlay.index().find("a"), nullptr);
  overlay.set("b", "2", true);
  overlay.clear("a", true);
  EXPECT_EQ(overlay.index().find("a"), nullptr);
  EXPECT_TRUE(overlay.index().cleared("a"));
  EXPECT_NE(overlay.index().find("b"), nullptr);
}

TEST(Overlay, FrozenIndexStaysAsItIs) {
  Overlay overlay;
  overlay.set("a", "1", true);
  const auto frozen = overlay.frozen_index();
  overlay.clear_range("", "z", true);
  overlay.set("b", "2", true);
  EXPECT_EQ(overlay.index().find("a"), nullptr);
  ASSERT_NE(frozen->find("a"), nullptr);
  EXPECT_EQ(value_of(*frozen->find("a"), std::nullopt), "1");
  EXPECT_EQ(frozen->find("b"), nullptr);
}

TEST(Overlay, OperationsWaitForTheBaseValue) {
  Overlay overlay;
  overlay.operate(MutationType::add, "k", Bytes("\x05", 1), true);
  overlay.operate(MutationType::add, "k", Bytes("\x03", 1), true);
  const Entry* entry = overlay.index().find("k");
  ASSERT_NE(entry, nullptr);
  EXPECT_FALSE(entry->independent());
  EXPECT_EQ(value_of(*entry, ByteView("\x02", 1)), Bytes("\x0a", 1));
  EXPECT_EQ(value_of(*entry, std::nullopt), Bytes("\x08", 1));
}

TEST(Overlay, OperationsOnKnownValuesAreDone) {
  Overlay overlay;
  overlay.set("k", Bytes("\x02", 1), true);
  overlay.operate(MutationType::add, "k", Bytes("\x05", 1), true);
  overlay.clear("c", true);
  overlay.operate(MutationType::append_if_fits, "c", "x", true);
  overlay.operate(MutationType::append_if_fits, "c", "y", true);
  const OverlayIndex& index = overlay.index();
  EXPECT_TRUE(index.find("k")->independent());
  EXPECT_EQ(value_of(*index.find("k"), "?"), Bytes("\x07", 1));
  EXPECT_TRUE(index.find("c")->independent());
  EXPECT_EQ(value_of(*index.find("c"), "?"), "xy");
}

TEST(Overlay, CompareAndClearLeavesAKnownAbsence) {
  Overlay overlay;
  overlay.set("k", "v", true);
  overlay.operate(MutationType::compare_and_clear, "k", "v", true);
  ASSERT_NE(overlay.index().find("k"), nullptr);
  EXPECT_EQ(value_of(*overlay.index().find("k"), "base"), std::nullopt);
  overlay.operate(MutationType::append_if_fits, "k", "w", true);
  EXPECT_EQ(value_of(*overlay.index().find("k"), "base"), "w");
}

TEST(Overlay, CopiedIndexKeepsWorkedOutValues) {
  Overlay overlay;
  overlay.set("k", "a", true);
  overlay.operate(MutationType::append_if_fits, "k", Bytes(100, 'b'), true);
  const auto frozen = overlay.frozen_index();
  overlay.set("other", "1", true);
  const OverlayIndex& copy = overlay.index();
  ASSERT_NE(&copy, frozen.get());
  EXPECT_EQ(value_of(*copy.find("k"), std::nullopt), "a" + Bytes(100, 'b'));
}

TEST(Overlay, DependentPartsLeaveOutOwnKeysAndClearedRanges) {
  Overlay overlay;
  EXPECT_EQ(dependent_parts(overlay, "a", "z"), (Ranges{{"a", "z"}}));
  overlay.set("c", "1", true);
  overlay.clear_range("f", "h", true);
  overlay.operate(MutationType::add, "d", "1", true);   // still depends on the database
  overlay.set("g", "1", true);                          // inside of what was cleared
  overlay.operate(MutationType::add, "fa", "1", true);  // known to be absent before
  EXPECT_EQ(dependent_parts(overlay, "a", "z"),
            (Ranges{{"a", "c"}, {key_after("c"), "f"}, {"h", "z"}}));
  EXPECT_EQ(dependent_parts(overlay, "c", key_after("c")), Ranges{});
  EXPECT_EQ(dependent_parts(overlay, "d", key_after("d")), (Ranges{{"d", key_after("d")}}));
  EXPECT_EQ(dependent_parts(overlay, "f", "h"), Ranges{});
  EXPECT_EQ(dependent_parts(overlay, "g", "i"), (Ranges{{"h", "i"}}));
  EXPECT_EQ(dependent_parts(overlay, "x", "x"), Ranges{});
}

TEST(Overlay, OperationOnOwnSetIsIndependent) {
  Overlay overlay;
  overlay.set("k", "1", true);
  overlay.operate(MutationType::add, "k", "1", true);
  EXPECT_EQ(dependent_parts(overlay, "k", key_after("k")), Ranges{});
}

// --- Versionstamps -----------------------------------------------------------------------------

TEST(Overlay, StampedValueIsUnreadableUntilCleared) {
  Overlay overlay;
  overlay.operate(MutationType::set_versionstamped_value, "k", Bytes(10, '\0') + at(0), true);
  EXPECT_TRUE(overlay.index().unreadable("k"));
  EXPECT_FALSE(overlay.index().unreadable("j"));
  EXPECT_FALSE(overlay.index().unreadable(key_after("k")));
  overlay.set("k", "plain", true);
  EXPECT_TRUE(overlay.index().unreadable("k")) << "a set leaves it unreadable";
  overlay.clear("k", true);
  EXPECT_FALSE(overlay.index().unreadable("k"));
  overlay.set("k", "plain", true);
  EXPECT_FALSE(overlay.index().unreadable("k"));
}

TEST(Overlay, StampedKeyMakesItsLandingRangeUnreadable) {
  Overlay overlay;
  overlay.set_stamped_key("p" + Bytes(10, '\0') + "s" + at(1), "v", 256);
  const OverlayIndex& index = overlay.index();
  const Bytes lowest = "p" + Bytes("\0\0\0\0\0\0\1\0\0\0", 10) + "s";
  EXPECT_TRUE(index.unreadable(lowest));
  EXPECT_TRUE(index.unreadable("p" + Bytes(10, '\xff') + "s"));
  EXPECT_FALSE(index.unreadable("p" + Bytes(10, '\xff') + "t"));
  EXPECT_FALSE(index.unreadable("p" + Bytes(10, '\0') + "s")) << "below the lowest version";
  EXPECT_FALSE(index.unreadable("p"));
}

TEST(Overlay, StampsNeedRoom) {
  ByteArena arena;
  const auto refused = [&](const Bytes& key) {
    try {
      landing_range(key, 0, arena);
    } catch (const Error& error) {
      return error.code();
    }
    return 0;
  };
  EXPECT_EQ(refused(Bytes(10, '\0') + at(0)), 0);
  EXPECT_EQ(refused(Bytes(10, '\0') + at(1)), 2000);
  EXPECT_EQ(refused(Bytes(9, '\0') + at(0)), 2000);
  EXPECT_EQ(refused(Bytes(10, '\0') + Bytes("\xff\xff\xff\x7f", 4)), 2000);
  EXPECT_EQ(refused(Bytes(10, '\0') + Bytes("\xf6\xff\xff\xff", 4)), 2000);
  EXPECT_EQ(refused("abc"), 2000);
}

// --- For the commit ----------------------------------------------------------------------------

TEST(Overlay, WriteConflicts) {
  Overlay overlay;
  overlay.set("b", "1", true);
  overlay.set("x", "1", false);
  overlay.operate(MutationType::add, "a", "1", true);
  overlay.clear_range("m", "p", true);
  overlay.clear_range("q", "r", false);
  overlay.add_write_conflict("o", "q");
  overlay.clear("z", true);
  EXPECT_EQ(
      copied(overlay.write_conflicts(0)),
      (Ranges{{"a", key_after("a")}, {"b", key_after("b")}, {"m", "q"}, {"z", key_after("z")}}));
}

TEST(Overlay, StampedKeyConflictsWhereItMayLandFromTheLowestVersionOn) {
  Overlay overlay;
  overlay.set_stamped_key(Bytes(10, '\0') + at(0), "v", 0);
  const Ranges ranges = copied(overlay.write_conflicts(256));
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].begin, Bytes("\0\0\0\0\0\0\1\0\0\0", 10));
  EXPECT_EQ(ranges[0].end, key_after(Bytes(10, '\xff')));
}

TEST(Overlay, NeededMutationsLeaveOutWhatIsOverwritten) {
  Overlay overlay;
  overlay.set("a", "1", true);                                    // overwritten
  overlay.operate(MutationType::add, "b", "1", true);             // needed
  overlay.set("c", "1", true);                                    // cleared
  overlay.operate(MutationType::add, "b", "2", true);             // needed
  overlay.clear_range("c", "d", true);                            // needed
  overlay.set("a", "2", true);                                    // needed
  overlay.operate(MutationType::append_if_fits, "a", "3", true);  // needed
  overlay.set_stamped_key(Bytes(10, '\0') + at(0), "v", 0);       // needed
  overlay.add_write_conflict("y", "z");
  std::vector<std::pair<MutationType, Bytes>> needed;
  for (const engine::Mutation& m : overlay.needed_mutations())
    needed.emplace_back(m.type, m.operand);
  EXPECT_EQ(needed, (std::vector<std::pair<MutationType, Bytes>>{
                        {MutationType::add, "1"},
                        {MutationType::add, "2"},
                        {MutationType::clear_range, "d"},
                        {MutationType::set, "2"},
                        {MutationType::append_if_fits, "3"},
                        {MutationType::set_versionstamped_key, "v"}}));
}

// FoundationDB's formulas: see the facts on approximate size.
TEST(Overlay, BytesAsFoundationDbCounts) {
  const auto bytes = [](auto f) {
    Overlay overlay;
    f(overlay);
    return overlay.bytes();
  };
  EXPECT_EQ(bytes([](Overlay& o) { o.set("key", "value", true); }), 3 + 5 + 44 + 24 + 2 * 3 + 1);
  EXPECT_EQ(bytes([](Overlay& o) { o.set("key", "value", false); }), 3 + 5 + 44);
  EXPECT_EQ(bytes([](Overlay& o) { o.clear("key", true); }), 2 * (2 * 3 + 1) + 48);
  EXPECT_EQ(bytes([](Overlay& o) { o.clear_range("ab", "cde", true); }), 2 * (2 + 3) + 68);
  EXPECT_EQ(bytes([](Overlay& o) { o.add_write_conflict("ab", "cde"); }), 2 + 3 + 24);
  EXPECT_EQ(bytes([](Overlay& o) { o.operate(MutationType::add, "key", "12345678", true); }),
            3 + 8 + 44 + 24 + 2 * 3 + 1);
}

}  // namespace
}  // namespace plinth::client
