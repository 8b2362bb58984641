#include "core/events.hpp"

#include <doctest/doctest.h>

#include "node.hpp"

namespace openais::test {
namespace {

constexpr Identity kPeer{7, 8, 9};

std::vector<SeenEvent> take(ByteRing& ring) {
  std::vector<SeenEvent> events;
  while (const std::uint8_t* frame = ring.front()) {
    FrameHeader header;
    std::memcpy(&header, frame, sizeof header);
    events.push_back({static_cast<EventType>(header.type), header.a, {frame + kFrameHeader, frame + header.size}});
    ring.pop();
  }
  return events;
}

struct Said {
  explicit Said(std::size_t bytes = 1 << 16) : ring(bytes) {}
  // The one event that was said.
  SeenEvent only() {
    const std::vector<SeenEvent> events = take(ring);
    REQUIRE(events.size() == 1);
    return events[0];
  }
  ByteRing ring;
  Stats stats;
  Events events{ring, stats};
};

}  // namespace

TEST_CASE("each event has the layout of the boundary") {
  Said said;
  const std::array<std::uint8_t, 3> body{1, 2, 3};
  said.events.control(kPeer, 2, PacketType::kJoin, body);
  SeenEvent event = said.only();
  CHECK(event.type == EventType::kControl);
  Reader control = event.reader();
  CHECK(control.identity() == kPeer);
  CHECK(control.u8() == 2);
  CHECK(control.u8() == 3);
  control.zeros(6);
  CHECK(control.take(3)[2] == 3);
  CHECK(control.done());

  said.events.token_loss(5);
  event = said.only();
  CHECK(event.type == EventType::kTokenLoss);
  CHECK(event.handle() == 5);
  CHECK(event.body.size() == 8);

  said.events.failed_to_receive(5, 77);
  event = said.only();
  Reader failed = event.reader();
  CHECK(failed.u32() == 5);
  CHECK(failed.u32() == 77);

  said.events.summary({9, RingMode::kSealed, true, 10, 20, 15});
  event = said.only();
  CHECK(event.body.size() == 32);
  const RingSummary summary = summary_of(event);
  CHECK(summary.handle == 9);
  CHECK(summary.mode == RingMode::kSealed);
  CHECK(summary.received_flag);
  CHECK(summary.aru == 10);
  CHECK(summary.high == 20);
  CHECK(summary.high_delivered == 15);

  said.events.pong(kPeer, 30, 1'500'000);
  event = said.only();
  Reader pong = event.reader();
  CHECK(pong.identity() == kPeer);
  CHECK(pong.u32() == 30);
  CHECK(pong.u32() == 1500);
  CHECK(pong.done());

  said.events.paused(1, 2);
  event = said.only();
  Reader paused = event.reader();
  CHECK(paused.u64() == 1);
  CHECK(paused.u64() == 2);
  CHECK(paused.done());

  said.events.placed(3, 4);
  event = said.only();
  Reader placed = event.reader();
  CHECK(placed.u64() == 3);
  CHECK(placed.u64() == 4);
  CHECK(placed.done());

  said.events.stale(kPeer, 99);
  event = said.only();
  Reader stale = event.reader();
  CHECK(stale.identity() == kPeer);
  CHECK(stale.u64() == 99);
  CHECK(stale.done());

  said.events.room(0b1010);
  CHECK(said.only().a == 0b1010);
  said.events.drained();
  CHECK(said.only().body.empty());
  said.events.unreachable(kPeer);
  CHECK(said.only().type == EventType::kUnreachable);
  said.events.recovered(1);
  CHECK(said.only().type == EventType::kRecovered);
  said.events.installed(1);
  CHECK(said.only().type == EventType::kInstalled);
  said.events.slow(1);
  CHECK(said.only().type == EventType::kSlow);
  said.events.refused(6, RefusedReason::kWrongMode);
  event = said.only();
  Reader refused = event.reader();
  CHECK(refused.u32() == 6);
  CHECK(refused.u32() == 3);
}

TEST_CASE("a round trip that no field can hold is the longest that one can") {
  Said said;
  said.events.pong(kPeer, 0, ~Time{0});
  const SeenEvent event = said.only();
  Reader reader = event.reader();
  reader.identity();
  reader.u32();
  CHECK(reader.u32() == 0xffffffff);
}

TEST_CASE("what the core has to say waits for room, in its order, and none of it is lost") {
  Said said(256);
  for (std::uint32_t i = 0; i < 1000; ++i) said.events.token_loss(i);
  CHECK_FALSE(said.events.flush());
  std::uint32_t expected = 0;
  while (expected < 1000) {
    for (const SeenEvent& event : take(said.ring)) REQUIRE(event.handle() == expected++);
    // Something new waits behind what waited before.
    if (expected == 500) said.events.token_loss(1000);
    said.events.flush();
  }
  CHECK(said.events.flush());
  const std::vector<SeenEvent> rest = take(said.ring);
  CHECK(said.stats.dropped[static_cast<std::size_t>(Drop::kOverflow)] == 0);
}

TEST_CASE("waiting events have a bound, and what goes over it is counted") {
  Said said(256);
  constexpr std::size_t kTold = 65536 + 100;
  for (std::size_t i = 0; i < kTold; ++i) said.events.placed(i + 1, 1);
  const std::uint64_t lost = said.stats.dropped[static_cast<std::size_t>(Drop::kOverflow)];
  CHECK(lost > 0);
  std::size_t told = 0;
  do told += take(said.ring).size();
  while (!said.events.flush() || !said.ring.empty());
  CHECK(told + lost == kTold);
}

TEST_CASE("packets from the network are dropped before they take the room of the core's own events") {
  Said said(1 << 15);
  const std::vector<std::uint8_t> body(1000);
  for (int i = 0; i < 100; ++i) said.events.control(kPeer, 0, PacketType::kJoin, body);
  CHECK(said.stats.dropped[static_cast<std::size_t>(Drop::kOverflow)] > 50);
  CHECK(said.ring.used() <= (1 << 15) - 16384);
  said.events.token_loss(1);
  const std::vector<SeenEvent> events = take(said.ring);
  CHECK(events.back().type == EventType::kTokenLoss);
}

}  // namespace openais::test
