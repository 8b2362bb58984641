// Events to TypeScript (docs/BOUNDARY.md). What the core itself has to say is never lost: it waits for room. Packets
// from the network are, if TypeScript does not keep up: their senders repeat them.
#pragma once

#include <deque>
#include <vector>

#include "byte_ring.hpp"
#include "packet.hpp"
#include "stats.hpp"

namespace openais {

enum class EventType : std::uint8_t {
  kControl = 16,
  kTokenLoss = 17,
  kFailedToReceive = 18,
  kRecovered = 19,
  kSummary = 20,
  kUnreachable = 21,
  kPong = 22,
  kPaused = 23,
  kRefused = 24,
  kInstalled = 25,
  kDrained = 26,
  kPlaced = 27,
  kRoom = 28,
  kSlow = 29,
  kStale = 30,
};

enum class RingMode : std::uint8_t { kForming = 1, kRunning = 2, kFrozen = 3, kSealed = 4 };

struct RingSummary {
  std::uint32_t handle = 0;
  RingMode mode = RingMode::kForming;
  bool received_flag = false;
  std::uint64_t aru = 0;
  std::uint64_t high = 0;
  std::uint64_t high_delivered = 0;
};

enum class RefusedReason : std::uint32_t {
  kMalformed = 1,
  kNoSuchRing = 2,
  kWrongMode = 3,
  kHandleInUse = 4,
  kNoPeer = 5,
  kTooMany = 6
};

class Events {
 public:
  Events(ByteRing& out, Stats& stats) : out_(out), stats_(stats) {}

  void control(const Identity& sender, LinkIndex link, PacketType type, Bytes body);
  void token_loss(std::uint32_t handle) { pair(EventType::kTokenLoss, handle, 0); }
  void failed_to_receive(std::uint32_t handle, NodeId culprit) { pair(EventType::kFailedToReceive, handle, culprit); }
  void recovered(std::uint32_t handle) { pair(EventType::kRecovered, handle, 0); }
  void summary(const RingSummary& summary);
  void unreachable(const Identity& peer);
  void pong(const Identity& peer, std::uint32_t lag_ms, Time round_trip);
  void paused(Time without_step, Time without_token);
  void refused(std::uint32_t command, RefusedReason reason) {
    pair(EventType::kRefused, command, static_cast<std::uint32_t>(reason));
  }
  void installed(std::uint32_t handle) { pair(EventType::kInstalled, handle, 0); }
  void drained();
  void placed(std::uint64_t ticket, std::uint64_t seq);
  void room(std::uint8_t mask);
  void slow(std::uint32_t handle) { pair(EventType::kSlow, handle, 0); }
  void stale(const Identity& peer, std::uint64_t highest);

  // Moves what waited into the ring of memory. False: something still waits.
  bool flush();

 private:
  void pair(EventType type, std::uint32_t first, std::uint32_t second);
  // A frame of this core's own: kept if there is no room.
  void own(EventType type, Bytes body, std::uint8_t a = 0);
  bool put(EventType type, Bytes first, Bytes second, std::uint8_t a);

  ByteRing& out_;
  Stats& stats_;
  struct Waiting {
    EventType type;
    std::uint8_t a;
    std::vector<std::uint8_t> body;
  };
  std::deque<Waiting> waiting_;
};

}  // namespace openais
