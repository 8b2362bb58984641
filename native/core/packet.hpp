// What goes over the wire (docs/WIRE.md). Two headers: a short one for packets of a ring, whose ring and sender both
// sides know in full, and a long one for packets that have to introduce themselves.
#pragma once

#include <optional>

#include "bytes.hpp"
#include "limits.hpp"

namespace openais {

enum class PacketType : std::uint8_t {
  kToken = 0,
  kData = 1,
  kMergeDetect = 2,
  kJoin = 3,
  kCommitToken = 4,
  kHoldCancel = 5,
  kProbe = 6,
  kPong = 7,
  kLeave = 8,
};

constexpr std::uint8_t kWireVersion = 1;

constexpr bool is_short(PacketType type) {
  return type == PacketType::kToken || type == PacketType::kData || type == PacketType::kHoldCancel;
}

// Clear. Authenticated together with the full ring id, which is not sent.
struct ShortHeader {
  static constexpr std::size_t kSize = 13;
  PacketType type{};
  std::uint8_t key_slot = 0;
  std::uint32_t sender_tag = 0;
  std::uint32_t counter_low = 0;
  std::uint32_t ring_tag = 0;

  void write(std::uint8_t* out) const;
};

// Clear. Authenticated.
struct LongHeader {
  static constexpr std::size_t kSize = 33;
  PacketType type{};
  std::uint8_t key_slot = 0;
  std::uint32_t cluster_tag = 0;
  Identity sender;
  std::uint64_t counter = 0;

  void write(std::uint8_t* out) const;
};

// The first byte of a datagram, or nothing if its version or type is none of ours.
std::optional<PacketType> packet_type(Bytes datagram);
// REQUIRES: packet_type() gave a type of that header. Nothing if too short.
std::optional<ShortHeader> read_short_header(Bytes datagram);
std::optional<LongHeader> read_long_header(Bytes datagram);

// Sealed, in front of the payload of a data packet.
struct DataHeader {
  static constexpr std::size_t kSize = 9;
  static constexpr std::uint8_t kSafe = 1;
  static constexpr std::uint8_t kRetransmission = 2;
  static constexpr std::uint8_t kPostToken = 4;
  static constexpr std::uint8_t kPriorityShift = 3;  // two bits
  static constexpr std::uint8_t kCopy = 32;
  static constexpr std::uint8_t kReservedFlags = 0xc0;
  static constexpr std::uint16_t kNoStart = 0xffff;

  std::uint32_t seq_low = 0;
  std::uint8_t origin = 0;  // index in the ring; of a copy: in the old ring
  std::uint8_t flags = 0;
  std::uint8_t token_seq = 0;            // mod 256, of the token that the sender forwarded last
  std::uint16_t first_start = kNoStart;  // offset in the payload at which the first message starts

  void write(std::uint8_t* out) const;
  static DataHeader read(const std::uint8_t* in);  // REQUIRES kSize bytes
  Priority priority() const { return static_cast<Priority>((flags >> kPriorityShift) & 3); }
};

// Follows the header of a recovery copy: which packet of which old ring it is. Room for it is left free in every packet
// (S18).
struct CopyHeader {
  static constexpr std::size_t kSize = 5;
  std::uint32_t old_seq_low = 0;
  std::uint8_t maker = 0;  // index in the new ring of who made the copy: it is of that member's old ring

  void write(std::uint8_t* out) const;
  static CopyHeader read(const std::uint8_t* in);  // REQUIRES kSize bytes
};

// A probe is padded to the size of its answer, so that nobody is made to send more than he was sent (totem 4.1).
struct Probe {
  static constexpr std::size_t kSize = 24;
  std::uint64_t nonce = 0;
};

struct Pong {
  static constexpr std::size_t kSize = 24;
  std::uint64_t nonce = 0;
  std::uint32_t lag_ms = 0;
  std::uint64_t highest_incarnation = 0;  // that the sender knows of the prober's node (A5)
};

void write_probe(std::uint8_t* out, const Probe& probe);
std::optional<Probe> read_probe(Bytes body);
void write_pong(std::uint8_t* out, const Pong& pong);
std::optional<Pong> read_pong(Bytes body);

// True if `body` is a well-formed body of that control packet: lengths, counts, order, reserved bytes, members in
// range.
bool check_control(PacketType type, Bytes body);

}  // namespace openais
