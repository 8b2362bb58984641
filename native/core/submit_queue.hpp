// Messages on their way to the token: one bounded queue a priority. JavaScript produces, the ring consumes. A message
// leaves its queue only when its last fragment was originated: after a change of ring a half-sent message starts again
// (totem 1.8).
#pragma once

#include <array>

#include "byte_ring.hpp"

namespace openais {

// Body of a frame in a submit queue: this header, then the message.
struct SubmitHeader {
  FrameHeader frame;         // b = flags, bit 0 safe
  std::uint64_t ticket = 0;  // other than 0: tell when it was placed
  RingId only_in;            // none: in whatever ring
};
static_assert(sizeof(SubmitHeader) == 32);
constexpr std::uint8_t kSubmitSafe = 1;

class SubmitQueues {
 public:
  explicit SubmitQueues(std::size_t bytes_each);

  // Producer. `rest` belongs to the message. False: no room (or larger than kMaxMessage), nothing was done.
  bool submit(Priority priority, std::uint8_t flags, std::uint64_t ticket, const RingId& only_in, Bytes message,
              Bytes rest = {});

  ByteRing& queue(Priority priority) { return *queues_[static_cast<std::size_t>(priority)]; }
  const ByteRing& queue(Priority priority) const { return *queues_[static_cast<std::size_t>(priority)]; }
  bool empty() const;
  std::size_t used() const;

  // Consumer: priorities that refused since the last call and are at most half full now, as a mask.
  std::uint8_t take_room();

 private:
  std::array<std::unique_ptr<ByteRing>, kPriorities> queues_;
  std::atomic<std::uint8_t> refused_{0};
};

}  // namespace openais
