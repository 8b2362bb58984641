#include "core/packet.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "commands.hpp"

namespace openais::test {
namespace {

using Body = std::vector<std::uint8_t>;

const RingId kRing{1, 2, 3};

std::vector<Identity> identities(std::size_t count) {
  std::vector<Identity> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({static_cast<NodeId>(i + 1), 1, i});
  return out;
}

std::vector<NodeId> nodes(std::size_t count) {
  std::vector<NodeId> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<NodeId>(i + 1));
  return out;
}

std::vector<body::Member> members(std::size_t count) {
  std::vector<body::Member> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({static_cast<NodeId>(i + 1), 7});
  return out;
}

Body with(Body body, std::size_t offset, std::uint8_t value) {
  body[offset] = value;
  return body;
}

Body with16(Body body, std::size_t offset, std::uint16_t value) {
  std::memcpy(body.data() + offset, &value, 2);
  return body;
}

Body with32(Body body, std::size_t offset, std::uint32_t value) {
  std::memcpy(body.data() + offset, &value, 4);
  return body;
}

// A body that is right is wrong as soon as it is one byte shorter or longer, at every length.
void check_exact(PacketType type, const Body& body) {
  CHECK(check_control(type, body));
  for (std::size_t size = 0; size < body.size(); ++size) REQUIRE_FALSE(check_control(type, Bytes(body).first(size)));
  Body longer = body;
  longer.push_back(0);
  CHECK_FALSE(check_control(type, longer));
}

}  // namespace

TEST_CASE("short headers come back as they were written") {
  const ShortHeader header{PacketType::kHoldCancel, 3, 0xffffffff, 0x80000001, 0x12345678};
  std::array<std::uint8_t, ShortHeader::kSize> wire{};
  header.write(wire.data());
  CHECK(packet_type(wire) == PacketType::kHoldCancel);
  const auto read = read_short_header(wire);
  REQUIRE(read);
  CHECK(read->key_slot == 3);
  CHECK(read->sender_tag == 0xffffffff);
  CHECK(read->counter_low == 0x80000001);
  CHECK(read->ring_tag == 0x12345678);
  for (std::size_t size = 0; size < wire.size(); ++size) CHECK_FALSE(read_short_header(Bytes(wire).first(size)));
}

TEST_CASE("long headers come back as they were written") {
  const LongHeader header{
      PacketType::kJoin, 2, 0xaabbccdd, {0xfffffffe, ~std::uint64_t{0}, 42}, std::uint64_t{1} << 63};
  std::array<std::uint8_t, LongHeader::kSize> wire{};
  header.write(wire.data());
  CHECK(packet_type(wire) == PacketType::kJoin);
  const auto read = read_long_header(wire);
  REQUIRE(read);
  CHECK(read->key_slot == 2);
  CHECK(read->cluster_tag == 0xaabbccdd);
  CHECK(read->sender == header.sender);
  CHECK(read->counter == std::uint64_t{1} << 63);
  for (std::size_t size = 0; size < wire.size(); ++size) CHECK_FALSE(read_long_header(Bytes(wire).first(size)));
}

TEST_CASE("of all first bytes only our version with a known type is taken") {
  std::size_t known = 0;
  for (unsigned first = 0; first < 256; ++first) {
    const std::array<std::uint8_t, 1> datagram{static_cast<std::uint8_t>(first)};
    const bool is_ours = first >> 6 == kWireVersion && (first & 15) <= 8;
    CHECK(packet_type(datagram).has_value() == is_ours);
    known += is_ours;
  }
  CHECK(known == 4 * 9);
  CHECK_FALSE(packet_type(Bytes{}));
}

TEST_CASE("data and copy headers come back as they were written") {
  const DataHeader header{0x80000000, 127, DataHeader::kSafe | DataHeader::kPostToken | (2 << 3), 0xff, 1400};
  std::array<std::uint8_t, DataHeader::kSize> wire{};
  header.write(wire.data());
  const DataHeader read = DataHeader::read(wire.data());
  CHECK(read.seq_low == 0x80000000);
  CHECK(read.origin == 127);
  CHECK(read.flags == header.flags);
  CHECK(read.priority() == Priority::kMedium);
  CHECK(read.token_seq == 0xff);
  CHECK(read.first_start == 1400);

  std::array<std::uint8_t, CopyHeader::kSize> copy_wire{};
  CopyHeader{0xffffffff, 99}.write(copy_wire.data());
  CHECK(CopyHeader::read(copy_wire.data()).old_seq_low == 0xffffffff);
  CHECK(CopyHeader::read(copy_wire.data()).maker == 99);
}

TEST_CASE("probes and pongs come back, and in no other length") {
  std::array<std::uint8_t, Probe::kSize + 1> wire{};
  write_probe(wire.data(), {0x1020304050607080});
  CHECK(read_probe(Bytes(wire).first(Probe::kSize))->nonce == 0x1020304050607080);
  for (std::size_t size = 0; size <= wire.size(); ++size)
    CHECK(read_probe(Bytes(wire).first(size)).has_value() == (size == Probe::kSize));
  wire[Probe::kSize - 1] = 1;
  CHECK_FALSE(read_probe(Bytes(wire).first(Probe::kSize)));

  write_pong(wire.data(), {7, 1500, ~std::uint64_t{0}});
  const auto pong = read_pong(Bytes(wire).first(Pong::kSize));
  REQUIRE(pong);
  CHECK(pong->nonce == 7);
  CHECK(pong->lag_ms == 1500);
  CHECK(pong->highest_incarnation == ~std::uint64_t{0});
  for (std::size_t size = 0; size <= wire.size(); ++size)
    CHECK(read_pong(Bytes(wire).first(size)).has_value() == (size == Pong::kSize));
  wire[12] = 1;
  CHECK_FALSE(read_pong(Bytes(wire).first(Pong::kSize)));
  CHECK(Probe::kSize == Pong::kSize);
}

TEST_CASE("control packets are taken in exactly one length") {
  check_exact(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(3), nodes(5)));
  check_exact(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(1)));
  check_exact(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(kMaxMembers), nodes(kMaxJoinEntries)));
  check_exact(PacketType::kJoin, body::join(kRing, members(3), members(2), members(1)));
  check_exact(PacketType::kJoin, body::join(kRing, members(1)));
  check_exact(PacketType::kCommitToken, body::commit_token(kRing, identities(1)));
  check_exact(PacketType::kCommitToken, body::commit_token(kRing, identities(5)));
  check_exact(PacketType::kLeave, body::leave(kRing));
}

TEST_CASE("lists may be as long as their bound and not longer") {
  CHECK(check_control(PacketType::kJoin, body::join(kRing, members(256), members(256), members(256))));
  CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, members(257))));
  CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, members(1), members(257))));
  CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, members(1), {}, members(257))));
  CHECK(check_control(PacketType::kCommitToken, body::commit_token(kRing, identities(kMaxMembers))));
  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(kRing, identities(kMaxMembers + 1))));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(kMaxMembers + 1))));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(1), nodes(kMaxJoinEntries + 1))));
}

TEST_CASE("lists that have to name somebody may not be empty") {
  CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, {})));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {})));
  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(kRing, {})));
}

TEST_CASE("a count that does not fit the length is refused, whatever it is") {
  const Body merge = body::merge_detect(kRing, nodes(3), nodes(2));
  const Body join = body::join(kRing, members(3), members(2), members(1));
  const Body commit = body::commit_token(kRing, identities(3));
  for (unsigned count = 0; count <= 0xffff; count += count < 300 ? 1 : 977) {
    const auto value = static_cast<std::uint16_t>(count);
    REQUIRE(check_control(PacketType::kMergeDetect, with16(merge, 16, value)) == (count == 3));
    REQUIRE(check_control(PacketType::kMergeDetect, with16(merge, 18, value)) == (count == 2));
    REQUIRE(check_control(PacketType::kJoin, with16(join, 32, value)) == (count == 3));
    REQUIRE(check_control(PacketType::kJoin, with16(join, 34, value)) == (count == 2));
    REQUIRE(check_control(PacketType::kJoin, with16(join, 36, value)) == (count == 1));
    REQUIRE(check_control(PacketType::kCommitToken, with16(commit, 20, value)) == (count == 3));
  }
}

TEST_CASE("members that are unsorted, doubled or nobody are refused") {
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {2, 1})));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {1, 1})));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {0})));
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {1}, {5, 4})));
  CHECK(check_control(PacketType::kMergeDetect, body::merge_detect(kRing, {0x7fffffff, 0x80000000, 0xffffffff})));

  using body::Member;
  for (const std::vector<Member>& list :
       {std::vector<Member>{{2, 1}, {1, 1}}, {{1, 1}, {1, 1}}, {{1, 2}, {1, 1}}, {{0, 1}}}) {
    CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, list)));
    CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, members(1), list)));
    CHECK_FALSE(check_control(PacketType::kJoin, body::join(kRing, members(1), {}, list)));
  }
  // Two lives of one node in one list are possible.
  CHECK(check_control(PacketType::kJoin, body::join(kRing, {{1, 1}, {1, 2}, {2, 0}})));

  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(kRing, {{2, 1, 1}})));
  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(kRing, {{1, 1, 1}, {1, 2, 2}})));
  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(kRing, {{1, 1, 1}, {3, 1, 1}, {2, 1, 1}})));
}

TEST_CASE("a ring id without a representative is none") {
  const RingId none{0, 2, 3};
  CHECK_FALSE(check_control(PacketType::kMergeDetect, body::merge_detect(none, nodes(2))));
  CHECK_FALSE(check_control(PacketType::kJoin, body::join(none, members(2))));
  CHECK_FALSE(check_control(PacketType::kCommitToken, body::commit_token(none, identities(2))));
  CHECK_FALSE(check_control(PacketType::kLeave, body::leave(none)));
}

TEST_CASE("reserved bytes of control packets have to be zero") {
  const auto refuses = [](PacketType type, const Body& body, std::initializer_list<std::size_t> offsets) {
    for (const std::size_t offset : offsets) {
      CAPTURE(offset);
      CHECK_FALSE(check_control(type, with(body, offset, 1)));
    }
  };
  refuses(PacketType::kMergeDetect, body::merge_detect(kRing, nodes(2)), {20, 21, 22, 23});
  refuses(PacketType::kJoin, body::join(kRing, members(2)), {31, 38, 39, 44, 47, 60});
  refuses(PacketType::kCommitToken, body::commit_token(kRing, identities(2)), {22, 23, 28, 24 + 57, 24 + 62, 24 + 63});
}

TEST_CASE("fields of a join and of a commit entry are held to their ranges") {
  const Body join = body::join(kRing, members(2));
  CHECK_FALSE(check_control(PacketType::kJoin, with(join, 29, 2)));  // lowest version above the highest
  CHECK(check_control(PacketType::kJoin, with(join, 30, 255)));

  const std::size_t entry = 24;
  const Body commit = body::commit_token(kRing, identities(2));
  CHECK_FALSE(check_control(PacketType::kCommitToken, with(commit, entry + 56, 4)));    // unknown flag
  CHECK_FALSE(check_control(PacketType::kCommitToken, with16(commit, entry + 58, 0)));  // filled, no window
  CHECK_FALSE(check_control(PacketType::kCommitToken, with16(commit, entry + 58, kMaxWindow + 1)));
  CHECK(check_control(PacketType::kCommitToken, with16(commit, entry + 58, kMaxWindow)));
  CHECK_FALSE(check_control(PacketType::kCommitToken, with32(commit, entry + 24, 0)));  // filled, no old ring
  CHECK(check_control(PacketType::kCommitToken, with32(commit, entry + 80 + 24, 0)));   // not filled yet
}

TEST_CASE("only control packets have bodies to check") {
  for (const PacketType type :
       {PacketType::kToken, PacketType::kData, PacketType::kHoldCancel, PacketType::kProbe, PacketType::kPong})
    CHECK_FALSE(check_control(type, body::leave(kRing)));
  CHECK_FALSE(check_control(static_cast<PacketType>(9), body::leave(kRing)));
  CHECK_FALSE(check_control(PacketType::kLeave, Body(kMaxControl + 1)));
}

}  // namespace openais::test
