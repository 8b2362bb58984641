// The words of the ring. No I/O, no clock, no randomness here or anywhere in core/.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace openais {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Nanoseconds of a monotonic clock that the driver chooses. Never the wall clock.
using Time = std::uint64_t;
constexpr Time kNever = ~Time{0};
constexpr Time kMillisecond = 1'000'000;

using NodeId = std::uint32_t;
constexpr NodeId kNoNode = 0;

using LinkIndex = std::uint8_t;
// One bit a link: which links a datagram is to be sent on.
using LinkMask = std::uint8_t;

// Choice is made at the token's visit, the highest (lowest number) first.
enum class Priority : std::uint8_t { kRecovery = 0, kHigh = 1, kMedium = 2, kLow = 3 };
constexpr std::size_t kPriorities = 4;

// A process: a node that restarted is another Identity. Order of incarnations of a node is
// `incarnation` alone; the random salt guards against a disk that forgot (totem A5).
struct Identity {
  NodeId node = kNoNode;
  std::uint64_t incarnation = 0;
  std::uint64_t salt = 0;

  bool operator==(const Identity&) const = default;
  // What short headers carry instead of the whole.
  std::uint32_t tag() const { return static_cast<std::uint32_t>(salt); }
};

// Equality on all three, so that a ring sequence made twice by a lying disk is still two rings.
struct RingId {
  NodeId representative = kNoNode;
  std::uint32_t nonce = 0;
  std::uint64_t seq = 0;

  bool operator==(const RingId&) const = default;
  bool is_none() const { return representative == kNoNode; }
};

// Where a datagram came from or goes to; opaque to the core. The simulator uses the port as a node's index.
struct Endpoint {
  std::uint8_t family = 0;  // 0 none (or simulated), 4, 6
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> address{};

  bool operator==(const Endpoint&) const = default;
};

// Two sockets a link, so that the driver can choose which of the two is read first (totem 1.10).
enum class PacketClass : std::uint8_t { kData = 0, kToken = 1 };

}  // namespace openais
