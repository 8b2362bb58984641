#include "core/packer.hpp"

#include <doctest/doctest.h>

#include "core/fnv.hpp"
#include "stream.hpp"

namespace openais::test {
namespace {

// Packs everything that waits; the packets lie in `pool`.
std::vector<Packet*> pack_all(Sender& sender, PacketPool& pool, std::size_t payload = kPayload) {
  std::vector<Packet*> packets;
  while (Packet* packet = sender.pack(pool, payload)) packets.push_back(packet);
  return packets;
}

}  // namespace

TEST_CASE("small messages share a packet, and the highest priority leaves first") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kLow, "low"));
  CHECK(sender.submit(Priority::kRecovery, "recovery"));
  for (int i = 0; i < 10; ++i) CHECK(sender.submit(Priority::kHigh, std::string(20, 'h')));
  const auto packets = pack_all(sender, pool);
  REQUIRE(packets.size() == 3);
  CHECK(packets[0]->priority() == Priority::kRecovery);
  CHECK(packets[1]->priority() == Priority::kHigh);
  CHECK(packets[1]->payload().size() == 10 * 21);
  CHECK(packets[2]->priority() == Priority::kLow);
  for (const Packet* packet : packets) CHECK(packet->first_start == 0);
  CHECK(sender.packer.empty());
}

TEST_CASE("a message of a higher priority overtakes between the pieces of a large one") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kLow, std::string(5 * kPayload, 'l')));
  const Packet* first = sender.pack(pool);
  CHECK(first->priority() == Priority::kLow);
  CHECK(sender.submit(Priority::kHigh, "overtakes"));
  CHECK(sender.pack(pool)->priority() == Priority::kHigh);
  const Packet* second = sender.pack(pool);
  CHECK(second->priority() == Priority::kLow);
  CHECK(second->first_start == DataHeader::kNoStart);
}

TEST_CASE("a packet with any safe message in it, or a piece of one, is safe as a whole") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, "agreed"));
  CHECK(sender.submit(Priority::kMedium, std::string(2 * kPayload, 's'), true));
  CHECK(sender.submit(Priority::kMedium, std::string(2 * kPayload, 'a')));
  const auto packets = pack_all(sender, pool);
  REQUIRE(packets.size() == 5);
  CHECK(packets[0]->is_safe());
  CHECK(packets[1]->is_safe());
  CHECK(packets[2]->is_safe());
  CHECK_FALSE(packets[3]->is_safe());
  CHECK_FALSE(packets[4]->is_safe());
}

TEST_CASE("a packet that cannot hold another byte of a message is filled up with zeros") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, std::string(kPayload - 2 - 2, 'x')));
  CHECK(sender.submit(Priority::kMedium, std::string(300, 'y')));
  const Packet* packet = sender.pack(pool);
  REQUIRE(packet->payload().size() == kPayload);
  CHECK(packet->payload()[kPayload - 1] == 0);
  CHECK(packet->payload()[kPayload - 2] == 0);
  CHECK(sender.pack(pool)->first_start == 0);
}

TEST_CASE("a plugged priority does not originate and does not count as waiting") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kLow, "low"));
  CHECK(sender.submit(Priority::kRecovery, "recovery"));
  sender.packer.plug(1);
  CHECK(sender.pack(pool)->priority() == Priority::kRecovery);
  CHECK(sender.pack(pool) == nullptr);
  CHECK(sender.packer.empty());
  sender.packer.plug(0x0f);
  CHECK_FALSE(sender.packer.empty());
  CHECK(sender.pack(pool)->priority() == Priority::kLow);
}

TEST_CASE("a message for another ring is passed over, and tickets tell where each went") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, "anywhere", false, 10));
  CHECK(sender.submit(Priority::kMedium, "here", false, 11, sender.ring));
  CHECK(sender.submit(Priority::kMedium, "elsewhere", false, 12, RingId{1, 2, 4}));
  CHECK(sender.submit(Priority::kMedium, "elsewhere, untold", false, 0, RingId{1, 3, 3}));
  CHECK(pack_all(sender, pool).size() == 1);
  CHECK(sender.placed() == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{10, 1}, {11, 1}, {12, 0}});
  CHECK(sender.packer.empty());
}

TEST_CASE("a ticket names the packet that holds the end of its message") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, std::string(4 * kPayload, 'm'), false, 5));
  CHECK(pack_all(sender, pool).size() == 5);
  CHECK(sender.placed() == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, 5}});
}

TEST_CASE("only messages for another ring make no packet at all") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kHigh, "elsewhere", false, 1, RingId{9, 9, 9}));
  CHECK(sender.submit(Priority::kLow, "here"));
  const auto packets = pack_all(sender, pool);
  REQUIRE(packets.size() == 1);
  CHECK(packets[0]->priority() == Priority::kLow);
}

TEST_CASE("after a change of ring a message that was sent in part starts again") {
  Sender sender;
  PacketPool pool(2000);
  const std::string large(3 * kPayload, 'z');
  CHECK(sender.submit(Priority::kMedium, large, false, 8));
  REQUIRE(sender.pack(pool) != nullptr);
  sender.packer.restart();
  sender.ring = {2, 2, 8};
  Receiver receiver;
  for (Packet* packet : pack_all(sender, pool)) receiver.take(*packet);
  REQUIRE(receiver.got.size() == 1);
  CHECK(receiver.got[0].text == large);
  CHECK(sender.placed().size() == 1);
}

TEST_CASE("a message for one ring that was sent in part when the ring changed is given up") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, std::string(3 * kPayload, 'z'), false, 8, sender.ring));
  REQUIRE(sender.pack(pool) != nullptr);
  sender.packer.restart();
  sender.ring = {2, 2, 8};
  CHECK(sender.pack(pool) == nullptr);
  CHECK(sender.placed() == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{8, 0}});
}

TEST_CASE("the trace of what was sent names each message once, by its end") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kHigh, "first"));
  CHECK(sender.submit(Priority::kHigh, "second"));
  REQUIRE(sender.pack(pool) != nullptr);
  REQUIRE(sender.packer.sent().size() == 2);
  const TraceRecord& record = sender.packer.sent()[1];
  CHECK(record.kind == TraceRecord::kSend);
  CHECK(record.priority == 1);
  CHECK(record.length == 6);
  CHECK(record.seq == 1);
  CHECK(record.ordinal == 1);
  CHECK(record.hash == fnv1a(bytes_of("second")));
  CHECK(std::memcmp(&record.label, "second\0\0", 8) == 0);
  CHECK(sender.submit(Priority::kHigh, std::string(2 * kPayload, 'l')));
  REQUIRE(sender.pack(pool) != nullptr);
  CHECK(sender.packer.sent().empty());
}

TEST_CASE("the backlog is at least the packets that are to come") {
  Sender sender;
  PacketPool pool(2000);
  for (int i = 1; i < 100; ++i)
    CHECK(sender.submit(Priority::kMedium, std::string(static_cast<std::size_t>(i) * 13, 'b')));
  const std::size_t backlog = sender.packer.backlog(kPayload);
  CHECK(pack_all(sender, pool).size() <= backlog);
  CHECK(sender.packer.backlog(kPayload) == 0);
}

}  // namespace openais::test
