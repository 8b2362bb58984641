// Cuts the packets of a ring into messages again. One stream of bytes for each (sender, priority); it starts afresh
// with the ring, so that no piece of a message is ever glued to a piece of another configuration (totem 1.8).
#pragma once

#include <vector>

#include "delivery.hpp"
#include "packet_pool.hpp"

namespace openais {

// How far a packet was delivered: the application's memory may fill up between two messages of it.
struct PacketCursor {
  std::size_t offset = 0;
  std::uint32_t ordinal = 0;

  bool is_started() const { return offset > 0; }
};

class Assembler {
 public:
  explicit Assembler(std::size_t members) : streams_(members * kPriorities) {}

  // Delivers the messages that the packet completes. False: no room for the next one; call again with the same cursor.
  // `info` holds what is the same for all messages of the packet.
  bool deliver(const Packet& packet, MessageInfo info, PacketCursor& cursor, Delivery& delivery, Stats& stats);

 private:
  struct Stream {
    std::size_t expected = 0;  // length of the message that has begun; 0: none has
    std::vector<std::uint8_t> bytes;
    void reset() {
      expected = 0;
      bytes.clear();
    }
  };

  std::vector<Stream> streams_;
};

}  // namespace openais
