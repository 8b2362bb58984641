#include "core/store.hpp"

#include <doctest/doctest.h>

namespace openais {
namespace {

constexpr std::size_t kPlain = 64;

struct Shelf {
  explicit Shelf(std::uint64_t first = 1, std::size_t capacity = 16) : pool(kPlain), store(pool, capacity, first) {}
  Packet* put(std::uint64_t seq) {
    Packet* packet = pool.take();
    packet->seq = seq;
    store.put(packet);
    return packet;
  }
  PacketPool pool;
  Store store;
};

}  // namespace

TEST_CASE("an empty store has everything up to what comes before its first number") {
  const Shelf shelf(100);
  CHECK(shelf.store.base() == 99);
  CHECK(shelf.store.contiguous() == 99);
  CHECK(shelf.store.high() == 99);
  CHECK(shelf.store.get(100) == nullptr);
}

TEST_CASE("a gap holds the contiguous end back until it is filled") {
  Shelf shelf;
  shelf.put(1);
  shelf.put(3);
  shelf.put(4);
  CHECK(shelf.store.contiguous() == 1);
  CHECK(shelf.store.high() == 4);
  CHECK(shelf.store.holds(3));
  CHECK_FALSE(shelf.store.holds(2));
  shelf.put(2);
  CHECK(shelf.store.contiguous() == 4);
}

TEST_CASE("numbers outside of the window are out of range at both ends") {
  Shelf shelf(1, 16);
  CHECK_FALSE(shelf.store.in_range(0));
  CHECK(shelf.store.in_range(1));
  CHECK(shelf.store.in_range(16));
  CHECK_FALSE(shelf.store.in_range(17));
  CHECK_FALSE(shelf.store.in_range(~std::uint64_t{0}));
  for (std::uint64_t seq = 1; seq <= 4; ++seq) shelf.put(seq);
  shelf.store.discard_to(3);
  CHECK_FALSE(shelf.store.in_range(3));
  CHECK(shelf.store.in_range(19));
  CHECK_FALSE(shelf.store.in_range(20));
  CHECK(shelf.store.get(3) == nullptr);
  CHECK(shelf.store.get(4) != nullptr);
}

TEST_CASE("recovery reaches once more as far as the wire") {
  Shelf shelf(1, 16);
  for (std::uint64_t seq = 1; seq <= 16; ++seq) shelf.put(seq);
  CHECK_FALSE(shelf.store.in_range(17));
  CHECK(shelf.store.in_reach(32));
  CHECK_FALSE(shelf.store.in_reach(33));
  const Packet* last = shelf.put(32);
  CHECK(shelf.store.get(32) == last);
  CHECK(shelf.store.get(16) != last);
  CHECK(shelf.store.contiguous() == 16);
}

TEST_CASE("nothing beyond a gap is ever discarded") {
  Shelf shelf;
  shelf.put(1);
  shelf.put(3);
  shelf.store.discard_to(100);
  CHECK(shelf.store.base() == 1);
  CHECK(shelf.store.holds(3));
  CHECK(shelf.store.used() == 1);
}

TEST_CASE("a store goes round its memory for as long as it is emptied") {
  Shelf shelf((std::uint64_t{1} << 32) - 5, 8);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t seq = (std::uint64_t{1} << 32) - 5 + i;
    REQUIRE(shelf.store.in_range(seq));
    const Packet* packet = shelf.put(seq);
    REQUIRE(shelf.store.get(seq) == packet);
    if (i >= 4) shelf.store.discard_to(seq - 4);
    REQUIRE(shelf.store.used() <= 5);
  }
  CHECK(shelf.pool.used() == shelf.store.used());
}

TEST_CASE("a store that goes gives everything back to the pool") {
  PacketPool pool(kPlain);
  {
    Store store(pool, 16, 1);
    for (const std::uint64_t seq : {2u, 5u, 16u}) {
      Packet* packet = pool.take();
      packet->seq = seq;
      store.put(packet);
    }
    CHECK(pool.used() == 3);
  }
  CHECK(pool.used() == 0);
}

TEST_CASE("a pool that was prepared has its slots, and they are whole and apart") {
  PacketPool pool(1459);
  pool.prepare(100);
  std::vector<Packet*> taken;
  for (int i = 0; i < 200; ++i) {
    Packet* packet = pool.take();
    std::memset(packet->plain(), i, 1459);
    taken.push_back(packet);
  }
  CHECK(pool.used() == 200);
  for (int i = 0; i < 200; ++i) {
    CHECK(taken[static_cast<std::size_t>(i)]->plain()[0] == i);
    CHECK(taken[static_cast<std::size_t>(i)]->plain()[1458] == i);
    pool.give(taken[static_cast<std::size_t>(i)]);
  }
  CHECK(pool.used() == 0);
  CHECK(pool.take()->size == 0);
}

TEST_CASE("the payload of a packet starts behind its headers") {
  PacketPool pool(kPlain);
  Packet* packet = pool.take();
  packet->size = 40;
  packet->flags = DataHeader::kSafe | (3 << DataHeader::kPriorityShift);
  CHECK(packet->payload().size() == 40 - DataHeader::kSize);
  CHECK(packet->payload().data() == packet->plain() + DataHeader::kSize);
  CHECK(packet->is_safe());
  CHECK(packet->priority() == Priority::kLow);
  packet->flags = DataHeader::kCopy;
  CHECK(packet->payload().size() == 40 - DataHeader::kSize - CopyHeader::kSize);
}

}  // namespace openais
