// What crosses the boundary, against the files that the tests in TypeScript read as well (test/golden). The values
// behind them are in test/native/support/samples.ts, and here.
#include "test/golden.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "core/delivery.hpp"
#include "core/engine.hpp"
#include "core/events.hpp"
#include "core/plain_protection.hpp"

namespace openais {
namespace {

using test::block;
using test::Blocks;
using test::compare_with_golden;
using test::read_golden;

const Identity kAlice{1, 0x1112131415161718, 0xf1f2f3f4f5f6f7f8};
const Identity kBob{0xfffffffe, 5, 0x2122232425262728};
const RingId kOld{2, 0x0b0c0d0e, 0x0102030405060708};
const RingId kRing{1, 0xa1a2a3a4, 0xfffffffffffffffe};

// The frames of a ring of memory, padded, one after the other.
std::vector<std::uint8_t> take_frames(ByteRing& ring) {
  std::vector<std::uint8_t> bytes;
  while (const std::uint8_t* frame = ring.front()) {
    std::uint32_t size = 0;
    std::memcpy(&size, frame, sizeof size);
    bytes.insert(bytes.end(), frame, frame + frame_padded(size));
    ring.pop();
  }
  return bytes;
}

TEST_CASE("events have the bytes on record") {
  ByteRing ring(1 << 16);
  Stats stats;
  Events events(ring, stats);
  Blocks blocks;
  const auto say = [&](const char* name, const std::function<void()>& action) {
    action();
    blocks.emplace_back(name, take_frames(ring));
  };
  const auto join = block(read_golden("control-bodies"), "join");
  say("control", [&] { events.control(kAlice, 1, PacketType::kJoin, join); });
  say("tokenLoss", [&] { events.token_loss(3); });
  say("failedToReceive", [&] { events.failed_to_receive(3, kBob.node); });
  say("recovered", [&] { events.recovered(4); });
  say("summary", [&] {
    events.summary({3, RingMode::kFrozen, true, 0x5152535455565758, 0x7172737475767778, 0x6162636465666768});
  });
  say("unreachable", [&] { events.unreachable(kBob); });
  say("pong", [&] { events.pong(kBob, 0x91929394, 250'999); });
  say("paused", [&] { events.paused(1'000'000'000, 0x0102030405060708); });
  say("refused", [&] { events.refused(17, RefusedReason::kNoSuchRing); });
  say("installed", [&] { events.installed(4); });
  say("drained", [&] { events.drained(); });
  say("placed", [&] { events.placed(0xa1a2a3a4a5a6a7a8, 0x20000000000001); });
  say("room", [&] { events.room(0b1010); });
  say("slow", [&] { events.slow(4); });
  say("stale", [&] { events.stale(kBob, 6); });
  compare_with_golden("events", blocks);
}

TEST_CASE("deliveries have the bytes on record") {
  ByteRing ring(1 << 16);
  Stats stats;
  Delivery delivery(ring, nullptr, stats);
  Blocks blocks;
  const std::string head = "depo";
  const std::string tail = "sit 100";
  const auto bytes = [](const std::string& text) {
    return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  MessageInfo info;
  info.sender = kBob.node;
  info.seq = 0x20000000000001;
  info.ordinal = 0x41424344;
  info.priority = Priority::kMedium;
  info.safe = info.own = true;
  REQUIRE(delivery.message(info, bytes(head), bytes(tail)));
  blocks.emplace_back("message", take_frames(ring));
  delivery.configuration({true, kRing, kOld, {kAlice}});
  blocks.emplace_back("transitional configuration", take_frames(ring));
  delivery.configuration({false, kRing, kOld, {kAlice, kBob}});
  blocks.emplace_back("regular configuration", take_frames(ring));
  compare_with_golden("deliveries", blocks);
}

TEST_CASE("the bodies of control packets on record are well formed, and no part of one is") {
  for (const auto& [name, body] : read_golden("control-bodies")) {
    CAPTURE(name);
    const PacketType type = name == "mergeDetect" ? PacketType::kMergeDetect
                            : name == "join"      ? PacketType::kJoin
                            : name == "leave"     ? PacketType::kLeave
                                                  : PacketType::kCommitToken;
    CHECK(check_control(type, body));
    for (std::size_t size = 0; size < body.size(); ++size) CHECK_FALSE(check_control(type, Bytes(body).first(size)));
  }
}

class OneDatagram : public Transmitter {
 public:
  std::uint8_t* reserve(std::size_t size) override {
    bytes.resize(size);
    return bytes.data();
  }
  void commit(const Destination&, std::size_t) override { ++sent; }

  std::vector<std::uint8_t> bytes;
  int sent = 0;
};

TEST_CASE("an engine understands every command on record") {
  PlainProtection protection;
  OneDatagram transmitter;
  ByteRing events(1 << 16);
  ByteRing deliveries(1 << 16);
  SubmitQueues submits(1 << 14);
  EngineConfig config;
  config.self = kAlice;
  Engine engine(config, {protection, transmitter, events, deliveries, submits}, 0);

  // What comes of each: 0 for nothing, the type of an event, or its reason below zero for `refused`.
  const std::vector<std::pair<std::string, int>> expected{
      {"createRing", 0},
      {"freeze", 20},
      {"seal", 20},
      {"recoveryBegin, odd number of members", -2},
      {"recoveryBegin, four members and nothing to copy", -2},
      {"tokenStart", -2},
      {"install", -2},
      {"install at boot", -2},
      {"destroy", -2},
      {"control to all", 0},
      {"control to one", -5},
      {"plug", 0},
      {"probe", -5},
      {"drain", 0},
      {"lag", 0},
  };
  std::vector<std::pair<std::string, int>> answers;
  for (const auto& [name, frame] : read_golden("commands")) {
    engine.command(1, frame);
    const auto answer = take_frames(events);
    int outcome = answer.empty() ? 0 : answer[4];
    if (outcome == static_cast<int>(EventType::kRefused)) outcome = -answer[12];
    answers.emplace_back(name, outcome);
  }
  for (std::size_t i = 0; i < std::min(answers.size(), expected.size()); ++i) CHECK(answers[i] == expected[i]);
  CHECK(answers.size() == expected.size());
  CHECK(transmitter.sent == 1);
  CHECK(test::to_hex(Bytes(transmitter.bytes).subspan(LongHeader::kSize)) ==
        test::to_hex(block(read_golden("control-bodies"), "leave")));
}

}  // namespace
}  // namespace openais
